package project

import (
	"testing"

	"dagger/stack/internal/spec"
)

// Who starts after whom, and who is there at all.
func TestOrderOfStart(t *testing.T) {
	t.Parallel()
	needs := func(c Custom, names ...string) step { return add(with(c, func(c *Custom) { c.Needs = names })) }
	neededBy := func(c Custom, names ...string) step { return add(with(c, func(c *Custom) { c.NeededBy = names })) }
	x := Custom{Name: "x", Contained: true}
	depends := func(d ...spec.Dependency) step {
		return change(func(p *Project) { p.Services[0].DependsOn = d })
	}
	for _, row := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"as the source says", nil, "postgres redis backend(postgres redis)"},
		{"a need comes first", []step{depends(spec.Dependency{Service: "redis"})}, "redis postgres(redis) backend(postgres redis)"},
		{"what is optional and not there is not waited for", []step{depends(spec.Dependency{Service: "disk", Optional: true})}, "postgres redis backend(postgres redis)"},
		{"the dependent of what was taken out does without", []step{remove("redis")}, "postgres backend(postgres)"},
		{"also if the dependent must have it", []step{depends(spec.Dependency{Service: "redis"}), remove("redis")}, "postgres backend(postgres)"},
		{"a custom service under a name that was taken out is another one", []step{remove("redis"), add(Custom{Name: "redis", Contained: true})}, "postgres backend(postgres) redis"},
		{"and can be needed", []step{remove("redis"), neededBy(Custom{Name: "redis", Contained: true}, "backend")}, "postgres redis backend(postgres redis)"},
		{"a custom service comes last", []step{add(x)}, "postgres redis backend(postgres redis) x"},
		{"needed by one of the source", []step{neededBy(x, "backend")}, "postgres redis x backend(postgres redis x)"},
		{"between two", []step{add(with(x, func(c *Custom) { c.Needs, c.NeededBy = []string{"redis"}, []string{"backend"} }))}, "postgres redis x(redis) backend(postgres redis x)"},
		{"needed by a custom one", []step{add(worker()), neededBy(x, "worker")}, "postgres redis backend(postgres redis) x worker(x)"},
		{"a chain", []step{needs(worker(), "backend"), needs(x, "worker")}, "postgres redis backend(postgres redis) worker(backend) x(worker)"},
		{"like another needs what the other needs", []step{add(twin())}, "postgres redis backend(postgres redis) twin(postgres redis)"},
		{"and its own needs", []step{needs(twin(), "redis", "backend")}, "postgres redis backend(postgres redis) twin(redis backend postgres)"},
		{"like one that waits for it", []step{neededBy(twin(), "backend")}, "postgres redis twin(postgres redis) backend(postgres redis twin)"},
		{"only one", []step{only("redis")}, "redis"},
		{"only one with what it needs", []step{add(x), only("backend")}, "postgres redis backend(postgres redis)"},
		{"and what was added to that", []step{neededBy(x, "backend"), add(worker()), only("backend")}, "postgres redis x backend(postgres redis x)"},
		{"only a custom one", []step{needs(x, "redis"), only("x")}, "redis x(redis)"},
		{"only a custom one that others need", []step{neededBy(x, "backend"), only("x")}, "x"},
		{"also if the others are not there", []step{neededBy(x, "frontend"), only("x")}, "x"},
		{"only one that is like another", []step{add(twin()), only("twin")}, "postgres redis twin(postgres redis)"},
		{"only one, needs that are not there do not count", []step{remove("redis"), only("backend")}, "postgres backend(postgres)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := resolved(t, row.steps...)
			if got := order(p); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			same(t, "names", len(p.Names()), len(p.Services))
			again, err := p.Resolve()
			refused(t, err, "")
			same(t, "resolved twice", again, p)
		})
	}
}

// A condition of the source stays what it is.
func TestDependenciesKeepTheirConditions(t *testing.T) {
	t.Parallel()
	want := []spec.Dependency{{Service: "redis", Condition: spec.Completed, Restart: true}, {Service: "postgres", Optional: true}}
	p := resolved(t, change(func(p *Project) { p.Services[2].DependsOn = want }), add(twin()))
	same(t, "backend", service(t, p, "backend").DependsOn, want)
	same(t, "twin", service(t, p, "twin").DependsOn, want)
}

// A service is the same in the whole stack and on its own: the engine knows a service by what it is made of.
func TestOnlyMakesTheSameServices(t *testing.T) {
	t.Parallel()
	steps := []step{
		remove("frontend"), add(Custom{Name: "frontend", Contained: true, Needs: []string{"backend"}, Ports: []spec.Port{{Container: 80, Published: 3000}}}),
		add(with(worker(), func(c *Custom) { c.Needs, c.NeededBy = []string{"redis"}, []string{"backend"} })), add(twin()),
		override(Override{Service: "backend", Env: []spec.Variable{spec.Env("A", "b")}}), override(Override{Ephemeral: true}),
	}
	whole := resolved(t, steps...)
	if got := environment(service(t, whole, "backend"))["FRONTEND_URL"]; got != "http://localhost:3000" {
		t.Errorf("FRONTEND_URL of the backend: %q", got)
	}
	for _, name := range whole.Names() {
		for _, s := range resolved(t, append(steps, only(name))...).Services {
			same(t, s.Name+" of "+name+" alone", s, service(t, whole, s.Name))
		}
	}
}

// Where the others are: what a service exports reaches its dependents, and no one else.
func TestExports(t *testing.T) {
	t.Parallel()
	backend := map[string]string{
		"DATABASE_URL": "postgres:5432", "REDIS_URL": "redis:6379", "BACKEND_URL": "http://localhost:8000",
		"PORT": "9000", "MODE": "web", "SECRET_KEY": "<key>",
	}
	but := func(changed map[string]string, gone ...string) map[string]string {
		env := map[string]string{}
		for _, from := range []map[string]string{backend, changed} {
			for name, value := range from {
				env[name] = value
			}
		}
		for _, name := range gone {
			delete(env, name)
		}
		return env
	}
	for _, row := range []struct {
		name    string
		steps   []step
		service string
		want    map[string]string
	}{
		{"of all that it needs", nil, "backend", backend},
		{"not of what was taken out", []step{remove("redis")}, "backend", but(nil, "REDIS_URL")},
		{"not of a custom service in its place", []step{remove("redis"), add(Custom{Name: "redis", Contained: true})}, "backend", but(nil, "REDIS_URL")},
		{"not of what it does not need", nil, "postgres", map[string]string{}},
		{"the source's own variable counts", []step{change(func(p *Project) {
			p.Services[2].Process.Env = append(p.Services[2].Process.Env, spec.Env("REDIS_URL", "mine"))
		})}, "backend", but(map[string]string{"REDIS_URL": "mine"})},
		{"the user's variable counts", []step{override(Override{Service: "backend", Env: []spec.Variable{spec.Env("DATABASE_URL", "elsewhere")}})}, "backend",
			but(map[string]string{"DATABASE_URL": "elsewhere"})},
		{"a custom service that needs nothing", []step{add(worker())}, "worker", map[string]string{"PROJECT_NAME": "shop"}},
		{"a custom service", []step{add(with(worker(), func(c *Custom) { c.Needs = []string{"redis", "backend"} }))}, "worker",
			map[string]string{"PROJECT_NAME": "shop", "REDIS_URL": "redis:6379", "BACKEND_URL": "http://backend:9000"}},
		{"a custom service that says where", []step{add(with(worker(), func(c *Custom) {
			c.Needs, c.Env = []string{"redis"}, []spec.Variable{spec.Env("REDIS_URL", "mine")}
		}))}, "worker", map[string]string{"PROJECT_NAME": "shop", "REDIS_URL": "mine"}},
		{"like the backend", []step{add(twin())}, "twin", but(map[string]string{"PROJECT_NAME": "shop"}, "PORT")},
		{"like the backend, which it needs", []step{add(with(twin(), func(c *Custom) { c.Needs = []string{"backend"} }))}, "twin",
			but(map[string]string{"PROJECT_NAME": "shop", "BACKEND_URL": "http://backend:9000"}, "PORT")},
		{"like the backend, of which the user says where", []step{
			override(Override{Service: "backend", Env: []spec.Variable{spec.Env("DATABASE_URL", "elsewhere"), spec.Env("COLOUR", "red")}}),
			add(with(twin(), func(c *Custom) { c.Needs = []string{"postgres"} }))}, "twin",
			but(map[string]string{"PROJECT_NAME": "shop", "DATABASE_URL": "elsewhere", "COLOUR": "red"}, "PORT")},
		{"like the backend, said later", []step{add(twin()),
			override(Override{Service: "backend", Env: []spec.Variable{spec.Env("COLOUR", "red"), spec.Env("MODE", "a")}}),
			override(Override{Service: "twin", Env: []spec.Variable{spec.Env("MODE", "b")}})}, "twin",
			but(map[string]string{"PROJECT_NAME": "shop", "COLOUR": "red", "MODE": "b"}, "PORT")},
		{"like the backend, with its own", []step{add(with(twin(), func(c *Custom) {
			c.Env, c.Ports = []spec.Variable{spec.Env("MODE", "work")}, []spec.Port{{Container: 7000}}
		}))}, "twin", but(map[string]string{"PROJECT_NAME": "shop", "MODE": "work", "PORT": "7000"})},
	} {
		t.Run(row.name, func(t *testing.T) {
			same(t, "environment", environment(service(t, resolved(t, row.steps...), row.service)), row.want)
		})
	}
}

// Addresses outside of the stack are filled in; a variable with one that is not there is left out.
func TestPublishedAddresses(t *testing.T) {
	t.Parallel()
	url := func(parts ...spec.Part) step {
		return change(func(p *Project) { p.Services[0].Process.Env = []spec.Variable{{Name: "URL", Value: parts}} })
	}
	of := func(name string) spec.Part { return spec.Part{Published: name} }
	http := spec.Text("http://")
	for _, row := range []struct {
		name  string
		steps []step
		want  map[string]string
	}{
		{"of another", []step{url(http, of("backend"))}, map[string]string{"URL": "http://localhost:8000"}},
		{"of itself", []step{url(of("postgres"))}, map[string]string{"URL": "localhost:5432"}},
		{"elsewhere", []step{url(http, of("backend"), spec.Text("/a")), override(Override{Service: "backend", Publish: 8001})}, map[string]string{"URL": "http://localhost:8001/a"}},
		{"two", []step{url(of("redis"), spec.Text(","), of("backend"))}, map[string]string{"URL": "localhost:6379,localhost:8000"}},
		{"not published", []step{url(of("worker")), add(with(worker(), func(c *Custom) { c.Ports = []spec.Port{{Container: 80}} }))}, map[string]string{}},
		{"the first one published", []step{url(of("worker")), add(with(worker(), func(c *Custom) {
			c.Ports = []spec.Port{{Container: 80}, {Container: 81, Published: 8181}, {Container: 82, Published: 8282}}
		}))}, map[string]string{"URL": "localhost:8181"}},
		{"no such service", []step{url(http, of("frontend"))}, map[string]string{}},
		{"taken out", []step{url(http, of("backend")), remove("backend")}, map[string]string{}},
		{"one of two is missing", []step{url(of("frontend"), of("backend"))}, map[string]string{}},
		{"the other of two is missing", []step{url(of("backend"), of("frontend"))}, map[string]string{}},
		{"none in it", []step{url(http)}, map[string]string{"URL": "http://"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := resolved(t, row.steps...)
			same(t, "environment", environment(service(t, p, "postgres")), row.want)
			for _, s := range p.Services {
				for _, v := range s.Process.Env {
					for _, part := range v.Value {
						same(t, "left to fill in", part.Published, "")
					}
				}
			}
		})
	}
}
