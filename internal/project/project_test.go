package project

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
)

func TestStackName(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"shop": true, "a-1": true, "9": true, "": false, "No Good": false, "a_b": false, "a\n": false} {
		want := fmt.Sprintf(`stack name %q: want 1 to 40 characters of a-z, 0-9 and "-"`, name)
		if good {
			want = ""
		}
		refused(t, CheckStackName(name), want)
	}
}

// What a user may get wrong of a whole stack, and all of what they then read.
func TestRefused(t *testing.T) {
	t.Parallel()
	needs := func(c Custom, names ...string) step { return add(with(c, func(c *Custom) { c.Needs = names })) }
	neededBy := func(c Custom, names ...string) step { return add(with(c, func(c *Custom) { c.NeededBy = names })) }
	const notCode = "service x: --like %q: want backend or frontend, the services that are made from the project"
	x := Custom{Name: "x", Contained: true}
	like := func(name string, command ...string) step { return add(Custom{Name: "x", Like: name, Command: command}) }
	for _, row := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"a service", []step{check("redis")}, ""},
		{"a custom service", []step{add(worker()), check("worker")}, ""},
		{"a service that the project could have", []step{check("frontend")}, ""},
		{"no service", []step{check("web")}, `service "web" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"no name", []step{check("")}, `service "" is not part of the stack: want one of postgres, redis, backend, frontend`},

		{"a bad name", []step{add(Custom{Name: "X", Contained: true})}, `service name "X": want 1 to 40 characters of a-z, 0-9 and "-", the first a letter and the last not a "-"`},
		{"a reserved name", []step{add(Custom{Name: "localhost", Contained: true})}, `service name "localhost" is reserved: choose another`},
		{"a taken name", []step{add(Custom{Name: "redis", Contained: true})}, `service "redis" is part of the stack already: choose another name, or take that one out before, with without-service`},
		{"a name that a custom service has", []step{add(worker()), add(worker())}, `service "worker" is part of the stack already: choose another name, or take that one out before, with without-service`},
		{"a name that was taken out", []step{remove("redis"), add(Custom{Name: "redis", Contained: true})}, ""},
		{"neither container nor like", []step{add(Custom{Name: "x"})}, "service x: want either --container or --like"},
		{"both container and like", []step{add(Custom{Name: "x", Contained: true, Like: "backend"})}, "service x: want either --container or --like"},
		{"like a database", []step{like("postgres", "a")}, fmt.Sprintf(notCode, "postgres")},
		{"like nothing", []step{like("web", "a")}, fmt.Sprintf(notCode, "web")},
		{"like a custom service", []step{add(worker()), like("worker", "a")}, fmt.Sprintf(notCode, "worker")},
		{"like without a command", []step{like("backend")}, "service x: --like backend needs a --command: without one it would be the backend again"},
		{"like what was taken out", []step{remove("backend"), like("backend", "a")}, `service x: --like "backend": want frontend, the services that are made from the project`},
		{"like with no code left", []step{remove("backend"), remove("frontend"), like("backend", "a")},
			`service x: --like "backend": no service of the stack is made from the project: give this one a --container`},
		{"like what the project may have", []step{like("frontend", "a")}, ""},
		{"an unknown need", []step{needs(x, "redis", "kafka")}, `service x: service "kafka" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"an unknown dependent", []step{neededBy(x, "kafka")}, `service x: service "kafka" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"a service that needs itself", []step{needs(x, "x")}, `service x: service "x" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"needed by a database", []step{neededBy(x, "backend", "redis")}, "service x: --needed-by redis: the built-in databases need nothing; want backend, frontend or one of your own"},
		{"needed by a database, no code left", []step{remove("backend"), remove("frontend"), neededBy(x, "redis")},
			"service x: --needed-by redis: the built-in databases need nothing; want one of your own"},
		{"a circle of two", []step{add(with(x, func(c *Custom) { c.Needs, c.NeededBy = []string{"backend"}, []string{"backend"} }))},
			"service x: services that need each other never start: backend needs x needs backend"},
		{"a circle of three", []step{neededBy(worker(), "backend"), add(with(x, func(c *Custom) { c.Needs, c.NeededBy = []string{"backend"}, []string{"worker"} }))},
			"service x: services that need each other never start: backend needs worker needs x needs backend"},
		{"what the backend waits for may be like the backend", []step{neededBy(twin(), "backend"), resolve()}, ""},
		{"what is like the backend does not inherit what was added to it", []step{
			neededBy(worker(), "backend"), add(with(twin(), func(c *Custom) { c.NeededBy = []string{"worker"} })), resolve()}, ""},

		{"out", []step{remove("redis")}, ""},
		{"out, though absent", []step{remove("frontend")}, ""},
		{"out twice", []step{remove("redis"), remove("redis")}, `service "redis" is not part of the stack: want one of postgres, backend, frontend`},
		{"out, though needed", []step{needs(x, "redis"), remove("redis")}, "service redis cannot be taken out: x was added with it as --needs, --needed-by, --before or --like"},
		{"out, though dependent", []step{neededBy(x, "backend"), remove("backend")}, "service backend cannot be taken out: x was added with it as --needs, --needed-by, --before or --like"},
		{"out, though a model", []step{add(twin()), remove("backend")}, "service backend cannot be taken out: twin was added with it as --needs, --needed-by, --before or --like"},
		{"everything out", []step{remove("backend"), remove("redis"), remove("postgres"), resolve()}, "nothing is left of the stack: every service was taken out"},

		{"a setting of nobody", []step{override(Override{Service: "web"})}, `service "web" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"a setting of a later service", []step{override(Override{Service: "worker"})}, `service "worker" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"a setting of every service", []step{override(Override{Ephemeral: true})}, ""},
		{"a bad variable", []step{override(Override{Service: "redis", Env: []spec.Variable{spec.Env("A", ""), spec.Env("A-B", "")}})},
			`service redis: variable name "A-B": want letters, digits and "_", the first not a digit`},

		{"one of nothing", []step{only("frontend")}, "the project has no frontend: the stack consists of postgres, redis, backend"},
		{"one that was taken out", []step{remove("redis"), only("redis")}, "the project has no redis: the stack consists of postgres, backend"},

		{"a need that the project does not have", []step{needs(x, "frontend"), resolve()},
			"service x needs frontend, which the project does not have: the stack consists of postgres, redis, backend, x"},
		{"a dependent that the project does not have", []step{neededBy(x, "frontend"), resolve()},
			"service x is needed by frontend, which the project does not have: the stack consists of postgres, redis, backend, x"},
		{"a model that the project does not have", []step{like("frontend", "a"), resolve()},
			"service x is made like the frontend, which the project does not have: the stack consists of postgres, redis, backend"},
		{"a need of the source that is not there", []step{change(func(p *Project) {
			p.Services[0].DependsOn = []spec.Dependency{{Service: "disk"}}
		}), resolve()}, "service postgres needs disk, which the project does not have: the stack consists of postgres, redis, backend"},
		{"a circle of the source", []step{change(func(p *Project) {
			p.Services[0].DependsOn = []spec.Dependency{{Service: "backend"}}
		}), resolve()}, "services that need each other never start: postgres needs backend needs postgres"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := after(t, shop(), row.steps...)
			refused(t, err, row.want)
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for want, steps := range map[string][]step{
		"[postgres redis backend]":             nil,
		"[postgres redis backend worker twin]": {add(worker()), add(twin())},
		"[postgres backend]":                   {remove("redis")},
		"[postgres redis backend twin]":        {add(worker()), add(twin()), remove("worker")},
	} {
		p, err := after(t, shop(), steps...)
		if err != nil || fmt.Sprint(p.Names()) != want {
			t.Errorf("%v %v, want %s", p.Names(), err, want)
		}
	}
	if s, found := shop().Service("web"); found {
		t.Errorf("a service that is not there: %+v", s)
	}
}

// What is taken out is gone with what was said about it.
func TestRemoveForgets(t *testing.T) {
	t.Parallel()
	p, err := after(t, shop(), add(worker()), override(Override{Service: "worker", Limits: limits.Setting{CPUs: ptr(3.0)}}), remove("worker"), add(worker()), resolve())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "limits", service(t, p, "worker").Limits, CodeLimits)
}

// Each method leaves the project that it is called on as it is, also inside of what both have in common.
func TestReceiverStaysAsItIs(t *testing.T) {
	t.Parallel()
	everything := Override{
		Publish: 9999, Image: "i", HealthPath: "/h", Env: []spec.Variable{spec.Env("MODE", "x")}, Limits: limits.Setting{CPUs: ptr(3.0)},
		Restart: spec.RestartAlways, Log: spec.Log{}, Ephemeral: true, WritableSource: true,
	}
	start := func() Project {
		p, err := after(t, shop(), change(func(p *Project) {
			p.Services[0].DependsOn = []spec.Dependency{{Service: "disk", Optional: true}, {Service: "redis"}}
		}), add(with(worker(), func(c *Custom) { c.NeededBy, c.Data = []string{"backend"}, []string{"/data"} })),
			add(with(twin(), func(c *Custom) { c.Needs, c.Env = []string{"redis"}, []spec.Variable{spec.Env("A", "1")} })),
			override(Override{Service: "backend", Env: []spec.Variable{spec.Env("A", "b")}}), override(everything), override(Override{Service: "worker", Image: "w"}),
			override(Override{Service: "redis", Publish: 1}), override(Override{Service: "backend", Publish: 2}))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, step := range map[string]step{
		"Add": add(Custom{Name: "x", Contained: true, NeededBy: []string{"backend"}}), "Add refused": add(worker()),
		"Remove": remove("postgres"), "Remove a custom service": remove("worker"), "Remove refused": remove("backend"), "Remove an absent service": remove("frontend"),
		"Override": override(Override{Service: "postgres", Ephemeral: true}), "Override refused": override(Override{Service: "web"}),
		"Only": only("backend"), "Resolve": resolve(),
		"Read": read("worker", Image{Cmd: []string{"a"}, User: "u"}), "Read a service of the source": read("backend", Image{Cmd: []string{"a"}, Workdir: "/w", User: "u"}),
		"Check": check("web"),
		"Routes, Names and Unread": func(p Project) (Project, error) {
			_, _, _ = p.Routes(), p.Names(), p.Unread()
			return p, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, unchanged := start(), start()
			if !reflect.DeepEqual(p, unchanged) {
				t.Fatal("two projects that were made in the same way differ")
			}
			after(t, p, step)
			same(t, "the receiver", p, unchanged)
		})
	}
}

// Two projects that are made of one do not share what was added to either.
func TestSiblings(t *testing.T) {
	t.Parallel()
	room := change(func(p *Project) { p.Services[2].DependsOn = slices.Grow(p.Services[2].DependsOn, 9) })
	p, err := after(t, shop(), room, add(worker()), add(Custom{Name: "b", Contained: true}), add(Custom{Name: "c", Contained: true}),
		override(Override{}), override(Override{}), override(Override{}))
	if err != nil {
		t.Fatal(err)
	}
	one, _ := after(t, p, add(Custom{Name: "one", Contained: true, NeededBy: []string{"backend"}}), override(Override{Service: "redis", Image: "one"}))
	two, _ := after(t, p, add(Custom{Name: "two", Contained: true, NeededBy: []string{"backend"}}), override(Override{Service: "redis", Image: "two"}))
	one, oneErr := one.Resolve()
	two, twoErr := two.Resolve()
	refused(t, errors.Join(oneErr, twoErr), "")
	for want, p := range map[string]Project{"one": one, "two": two} {
		same(t, "needs", service(t, p, "backend").Needs(), []string{"postgres", "redis", want})
		same(t, "image", service(t, p, "redis").Build.Image, want)
	}
}

func ptr[T any](v T) *T { return &v }
