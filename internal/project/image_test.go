package project

import (
	"fmt"
	"testing"

	"dagger/stack/internal/spec"
)

func dockerfile(p *Project) { p.Services[2].Build = spec.Build{Dockerfile: "Dockerfile", Dir: "."} }

// Which images have to be read before a project can be resolved.
func TestUnread(t *testing.T) {
	t.Parallel()
	x := Custom{Name: "x", Contained: true}
	for _, row := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"what the source knows all of", nil, "[]"},
		{"a Dockerfile", []step{change(dockerfile)}, "[backend]"},
		{"a container of its own", []step{add(x), add(twin())}, "[x]"},
		{"both", []step{change(dockerfile), add(x), add(twin())}, "[backend x]"},
		{"only what is to run", []step{change(dockerfile), add(x), only("redis")}, "[]"},
		{"only a container", []step{change(dockerfile), add(x), only("x")}, "[x]"},
		{"only what needs the Dockerfile", []step{change(dockerfile), add(x), add(with(worker(), func(c *Custom) { c.Needs = []string{"backend"} })), only("worker")}, "[backend worker]"},
		{"only what is like the Dockerfile", []step{change(dockerfile), add(x), add(twin()), only("twin")}, "[backend]"},
	} {
		p, err := after(t, shop(), row.steps...)
		if got := fmt.Sprint(p.Unread()); err != nil || got != row.want {
			t.Errorf("%s: %v %v, want %s", row.name, got, err, row.want)
		}
	}
}

// What an image says fills in what nobody else says.
func TestRead(t *testing.T) {
	t.Parallel()
	process := func(command, user, workdir string) step {
		return change(func(p *Project) {
			dockerfile(p)
			p.Services[2].Process = spec.Process{User: user, Workdir: workdir}
			if command != "" {
				p.Services[2].Process.Command = []string{command}
			}
		})
	}
	image := Image{Entrypoint: []string{"entry"}, Cmd: []string{"cmd"}, Workdir: "/image", User: "imageuser"}
	of := func(user string) Image { return Image{Cmd: []string{"cmd"}, User: user} }
	custom := func(command, user string) step {
		return add(with(worker(), func(c *Custom) {
			c.Command, c.User = nil, user
			if command != "" {
				c.Command = []string{command}
			}
		}))
	}
	for _, row := range []struct {
		name    string
		steps   []step
		service string
		want    string // command, user, folder
	}{
		{"a Dockerfile", []step{process("", AppUser, ""), read("backend", image)}, "backend", "[entry cmd] imageuser /image"},
		{"a Dockerfile and a command", []step{process("mine", AppUser, "/mine"), read("backend", image)}, "backend", "[mine] imageuser /mine"},
		{"an ENTRYPOINT alone", []step{process("", AppUser, ""), read("backend", Image{Entrypoint: []string{"entry"}})}, "backend", "[entry] 1000:1000 "},
		{"a CMD alone", []step{process("", AppUser, ""), read("backend", of(""))}, "backend", "[cmd] 1000:1000 "},
		{"root", []step{process("", AppUser, ""), read("backend", of("root"))}, "backend", "[cmd] 1000:1000 "},
		{"root and a group", []step{process("", AppUser, ""), read("backend", of("root:staff"))}, "backend", "[cmd] 1000:1000 "},
		{"root's number", []step{process("", AppUser, ""), read("backend", of("0:0"))}, "backend", "[cmd] 1000:1000 "},
		{"a number", []step{process("", AppUser, ""), read("backend", of("10:0"))}, "backend", "[cmd] 10:0 "},

		{"a container", []step{custom("", ""), read("worker", image)}, "worker", "[entry cmd] imageuser /image"},
		{"a container and a command", []step{custom("mine", ""), read("worker", image)}, "worker", "[mine] imageuser /image"},
		{"a container and a user", []step{custom("", "me"), read("worker", image)}, "worker", "[entry cmd] me /image"},
		{"a container of root", []step{custom("", ""), read("worker", of("root"))}, "worker", "[cmd] 1000:1000 "},
		{"a container that nobody has read", []step{custom("mine", "")}, "worker", "[mine] 1000:1000 "},
		{"like a Dockerfile", []step{process("", AppUser, ""), add(twin()), read("backend", image)}, "twin", "[work] imageuser /image"},
		{"like a Dockerfile, alone", []step{process("", AppUser, ""), add(twin()), only("twin"), read("backend", image)}, "twin", "[work] imageuser /image"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := service(t, resolved(t, row.steps...), row.service).Process
			same(t, "process", fmt.Sprint(s.Command, " ", s.User, " ", s.Workdir), row.want)
		})
	}
}

// How an image of the project's own is asked whether it works and asked to stop, and what of it a user may read whom it was not made for.
func TestReadHabits(t *testing.T) {
	t.Parallel()
	check := &spec.Probe{Exec: []string{"check"}, Retries: 1}
	image := Image{Cmd: []string{"cmd"}, Workdir: "/srv", StopSignal: "SIGQUIT", Healthcheck: check}
	s := service(t, resolved(t, change(dockerfile), read("backend", image)), "backend")
	same(t, "its HEALTHCHECK", s.Probe, check)
	same(t, "its STOPSIGNAL", s.Process.StopSignal, "SIGQUIT")
	same(t, "whom it was made for", s.ForRoot, "/app")
	ok := resolved(t, change(dockerfile), read("backend", image), override(Override{Service: "backend", HealthPath: "/ok"}))
	same(t, "a path that the user says", *service(t, ok, "backend").Probe, spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: []string{"/ok"}}, Retries: 1})
	image.User = "app"
	same(t, "an image that was made for its user", service(t, resolved(t, change(dockerfile), read("backend", image)), "backend").ForRoot, "")

	guessed := &spec.Probe{TCP: &spec.TCPSocket{Port: 1, Guessed: true}}
	named := &spec.Probe{TCP: &spec.TCPSocket{Port: 1}}
	for what, row := range map[string]struct {
		own  *spec.Probe
		want *spec.Probe
	}{"nothing": {nil, check}, "a port": {guessed, check}, "a port that the user says": {named, named}} {
		custom := with(worker(), func(c *Custom) { c.Probe = row.own })
		s := service(t, resolved(t, add(custom), read("worker", image)), "worker")
		same(t, what, s.Probe, row.want)
		same(t, what, s.Settle, spec.Duration(0))
	}
	job := with(worker(), func(c *Custom) { c.Job = true })
	same(t, "a job", service(t, resolved(t, add(job), read("worker", image)), "worker").Probe, (*spec.Probe)(nil))
}

func TestReadRefused(t *testing.T) {
	t.Parallel()
	empty := change(func(p *Project) { p.Services[2].Process.Command = nil })
	contained := add(Custom{Name: "x", Contained: true})
	for _, row := range []struct {
		steps []step
		want  string
	}{
		{[]step{empty, read("backend", Image{Workdir: "/w"})}, "backend: its image has neither an ENTRYPOINT nor a CMD: say what to run with --backend-command"},
		{[]step{contained, read("x", Image{User: "u"})}, "x: its image has neither an ENTRYPOINT nor a CMD: say what to run with its --command"},
		{[]step{read("backend", Image{})}, ""},
		{[]step{add(worker()), read("worker", Image{})}, ""},
		{[]step{contained, read("x", Image{Cmd: []string{"a"}})}, ""},
	} {
		_, err := after(t, shop(), row.steps...)
		refused(t, err, row.want)
	}
}
