package project

import (
	"testing"

	"dagger/stack/internal/spec"
)

func run(f RunFlags) step { return func(p Project) (Project, error) { return p.Run(f) } }

// What is run like a service has what the service has, runs after the same services and jobs, and without the service itself.
func TestRun(t *testing.T) {
	t.Parallel()
	flags := RunFlags{Service: "backend", Command: "pytest -q", Workdir: "tests", Env: []string{"MODE=test"}}
	unlimited := override(Override{Service: "backend", Env: []spec.Variable{spec.Env("COLOUR", "red")}})
	p := resolved(t, migrated("auto", found()), add(job()), unlimited, run(flags))
	same(t, "order", order(p), "postgres redis migrate(postgres redis) seed(postgres redis migrate) run-once(migrate seed postgres redis)")
	s := service(t, p, RunName)
	same(t, "command", s.Process.Command, []string{"pytest", "-q"})
	same(t, "folder", s.Process.Workdir, "/app/tests")
	same(t, "mode", s.Mode, spec.ModeJob)
	same(t, "source", s.Source, &spec.Source{Dir: ".", Path: "/app", Writable: true})
	env := environment(s)
	if env["MODE"] != "test" || env["COLOUR"] != "red" || env["DATABASE_URL"] == "" || env["SECRET_KEY"] != "<key>" {
		t.Errorf("environment %v", env)
	}
	if s.Ports != nil || s.Probe != nil || s.Once != nil {
		t.Errorf("%+v", s)
	}
}

// A custom service can be the model, too: it is not started for that, and what it needs is.
func TestRunLikeACustomService(t *testing.T) {
	t.Parallel()
	custom := with(worker(), func(c *Custom) { c.Needs, c.User = []string{"redis"}, "worker" })
	p := resolved(t, add(custom), run(RunFlags{Service: "worker", Command: "true"}), read("worker", Image{Workdir: "/w"}))
	same(t, "order", order(p), "redis run-once(redis)")
	s := service(t, p, RunName)
	same(t, "user", s.Process.User, "worker")
	same(t, "folder", s.Process.Workdir, "/w")
	same(t, "like", s.Like, "worker")
	same(t, "unread", func() []string {
		p, _ := after(t, shop(), add(custom), run(RunFlags{Service: "worker", Command: "true"}))
		return p.Unread()
	}(), []string{"worker"})

	twinned := resolved(t, migrated("auto", found()), add(twin()), run(RunFlags{Service: "twin", Command: "true"}))
	same(t, "order", order(twinned), "postgres redis migrate(postgres redis) run-once(migrate postgres redis)")
}

func TestRunThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, flags := range map[string]RunFlags{
		`the project has no service "web": the stack consists of postgres, redis, backend`:   {Service: "web", Command: "true"},
		`no command: want one program and its arguments, such as "pytest -q", for --command`: {Service: "backend"},
		`env "A": want NAME=VALUE`: {Service: "backend", Command: "true", Env: []string{"A"}},
	} {
		_, err := after(t, shop(), run(flags))
		refused(t, err, want)
	}
}

func TestAbove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"/app/reports/x", "/app/"}, {"/app", "/app/"}, {"/apps", ""}, {"/data/db/../x", "/data"}, {"/tmp", ""},
	} {
		same(t, c.name, Above([]string{"/app/", "/data"}, c.name), c.want)
	}
}
