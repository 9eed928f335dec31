package project

import (
	"testing"

	"dagger/stack/internal/spec"
)

// job is one that is made like the backend and runs before it.
func job() Custom {
	return Custom{Name: "seed", Job: true, Like: "backend", Command: []string{"seed"}, NeededBy: []string{"backend"}}
}

// Jobs run after what they need and before who waits for them: for their exit code 0.
func TestJobs(t *testing.T) {
	t.Parallel()
	count := with(job(), func(c *Custom) { c.Name, c.Needs, c.NeededBy = "count", []string{"seed"}, nil })
	p := resolved(t, add(job()), add(count))
	same(t, "order", order(p), "postgres redis seed(postgres redis) backend(postgres redis seed) count(seed postgres redis)")
	for _, name := range []string{"seed", "count"} {
		s := service(t, p, name)
		same(t, name+": mode", s.Mode, spec.ModeJob)
		same(t, name+": restart", s.Restart, spec.Restart{Policy: spec.RestartNo})
		same(t, name+": settle", s.Settle, spec.Duration(0))
	}
	same(t, "the backend waits", service(t, p, "backend").DependsOn[2], spec.Dependency{Service: "seed", Condition: spec.Completed})
	same(t, "a job waits for a job", service(t, p, "count").DependsOn[0], spec.Dependency{Service: "seed", Condition: spec.Completed})
	contained := with(job(), func(c *Custom) { c.Contained, c.Like = true, "" })
	same(t, "kind", service(t, resolved(t, add(contained)), "seed").Kind, "job")
}

func TestJobsThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Custom{
		`service seed: --before postgres: the built-in databases need nothing; want backend, frontend or one of your own`: with(job(), func(c *Custom) { c.NeededBy = []string{"postgres"} }),
		`service seed: --like "redis": want backend or frontend, the services that are made from the project`:             with(job(), func(c *Custom) { c.Like = "redis" }),
		`service seed: want either --container or --like`:                                                                 with(job(), func(c *Custom) { c.Like = "" }),
	} {
		_, err := after(t, shop(), add(c))
		refused(t, err, want)
	}
	_, err := Flags{Name: "seed", Job: true, Like: "backend"}.Custom()
	refused(t, err, `service seed: a job needs a --command: want one program and its arguments, such as "python seed.py"`)
}

// What is made like a service of a compose file has what the file says of that one's container, and nothing of its process alone.
func TestLikeDescribed(t *testing.T) {
	t.Parallel()
	mounts := []spec.Mount{{Type: spec.MountBind, Target: "/app", Source: "."}, {Type: spec.MountVolume, Target: "/db", Source: "db", Exclusive: true}}
	web := spec.Service{
		Name: "web", Described: true, Build: spec.Build{Docker: &spec.DockerBuild{Context: "."}}, Ports: []spec.Port{{Container: 80}},
		Process: spec.Process{
			Command: []string{"serve"}, Entrypoint: []string{"serve"}, User: "0", Root: true, Capabilities: []string{"CAP_CHOWN"},
			Workdir: "/app", Env: []spec.Variable{spec.Env("MODE", "web"), spec.Env("PORT", "80")}, Reloads: true,
		},
		Container: spec.Container{Mounts: mounts, TTY: true, ReadOnly: true, PostStart: []spec.Command{{Args: []string{"x"}}}},
		Probe:     &spec.Probe{Exec: []string{"true"}}, Limits: spec.Limits{CPUs: 2},
	}
	p, err := after(t, Project{Name: "shop", Services: []spec.Service{web}},
		add(Custom{Name: "seed", Job: true, Like: "web", Command: []string{"seed", "all"}, NeededBy: []string{"web"}}), resolve())
	refused(t, err, "")
	s := service(t, p, "seed")
	same(t, "like", s.Like, "web")
	same(t, "build", s.Build, web.Build)
	same(t, "process", s.Process, spec.Process{
		Command: []string{"seed", "all"}, User: "0", Root: true, Capabilities: []string{"CAP_CHOWN"}, Workdir: "/app",
		Env: []spec.Variable{spec.Env("MODE", "web")}, StopGroup: true,
	})
	same(t, "container", s.Container, spec.Container{Mounts: mounts[:1], ReadOnly: true})
	same(t, "limits", s.Limits, web.Limits)
	if s.Probe != nil || s.Ports != nil {
		t.Errorf("a probe or ports: %+v", s)
	}
}
