package project

import (
	"testing"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
)

// What the user says about a service. Each row says how the backend, or what the row names, differs from the source's.
func TestOverrides(t *testing.T) {
	t.Parallel()
	backend := func(o Override) step { o.Service = "backend"; return override(o) }
	postgres := func(o Override) step { o.Service = "postgres"; return override(o) }
	env := func(service, name, value string) step {
		return override(Override{Service: service, Env: []spec.Variable{spec.Env(name, value)}})
	}
	memory := func(service string, bytes int64) step {
		return override(Override{Service: service, Limits: limits.Setting{Memory: &bytes}})
	}
	cpus := func(service string, cores float64) step {
		return override(Override{Service: service, Limits: limits.Setting{CPUs: &cores}})
	}
	always := Override{Restart: spec.RestartAlways, OnUnhealthy: true}
	port := func(s spec.Service) any { return s.Ports }
	bounds := func(s spec.Service) any { return s.Limits }
	mode := func(s spec.Service) any { return environment(s)["MODE"] }
	for _, row := range []struct {
		name    string
		steps   []step
		service string
		of      func(spec.Service) any
		want    any
	}{
		{"published elsewhere", []step{backend(Override{Publish: 1})}, "backend", port, []spec.Port{{Container: 9000, Published: 1}}},
		{"the later port", []step{backend(Override{Publish: 1}), backend(Override{Publish: 2})}, "backend", port, []spec.Port{{Container: 9000, Published: 2}}},
		{"a custom service's first port", []step{add(with(worker(), func(c *Custom) { c.Ports = []spec.Port{{Container: 1}, {Container: 2}} })),
			override(Override{Service: "worker", Publish: 5})}, "worker", port, []spec.Port{{Container: 1, Published: 5}, {Container: 2}}},
		{"no port to publish", []step{add(worker()), override(Override{Service: "worker", Publish: 5})}, "worker", port, []spec.Port(nil)},
		{"another image", []step{postgres(Override{Image: "postgis:16"})}, "postgres",
			func(s spec.Service) any { return s.Build.Image + " " + s.Kind }, "postgis:16 postgis:16"},
		{"the image of the source", []step{postgres(Override{Publish: 1})}, "postgres", func(s spec.Service) any { return s.Build.Image }, "postgres:15"},

		{"guessed health paths", nil, "backend", func(s spec.Service) any { return *s.Probe.HTTP },
			spec.HTTPGet{Port: 9000, Paths: []string{"/health", "/"}, Guessed: true}},
		{"a health path is no guess", []step{backend(Override{HealthPath: "/ok"})}, "backend", func(s spec.Service) any { return *s.Probe.HTTP },
			spec.HTTPGet{Port: 9000, Paths: []string{"/ok"}}},
		{"a health path of what has no probe", []step{change(func(p *Project) { p.Services[2].Probe, p.Services[2].NoProbe = nil, true }), backend(Override{HealthPath: "/ok"})},
			"backend", func(s spec.Service) any { return s.Probe }, &spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: []string{"/ok"}}}},
		{"a health path of what is asked otherwise", []step{
			change(func(p *Project) { p.Services[2].Probe = &spec.Probe{Exec: []string{"true"}, Retries: 9} }), backend(Override{HealthPath: "/ok"})},
			"backend", func(s spec.Service) any { return s.Probe }, &spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: []string{"/ok"}}, Retries: 9}},

		{"a variable in the place of another", []step{env("backend", "MODE", "x")}, "backend", mode, "x"},
		{"the later variable", []step{env("backend", "MODE", "x"), env("backend", "MODE", "y")}, "backend", mode, "y"},
		{"every service, then one", []step{env("", "MODE", "all"), env("backend", "MODE", "x")}, "backend", mode, "x"},
		{"one, then every service", []step{env("backend", "MODE", "x"), env("", "MODE", "all")}, "backend", mode, "all"},
		{"every service, also one added later", []step{env("", "MODE", "all"), add(worker())}, "worker", mode, "all"},
		{"every service over what a custom one was added with", []step{add(with(worker(), func(c *Custom) { c.Env = []spec.Variable{spec.Env("MODE", "work")} })), env("", "MODE", "all")},
			"worker", mode, "all"},
		{"another service's variable", []step{env("backend", "MODE", "x")}, "redis", mode, ""},

		{"limits of the source", nil, "backend", bounds, CodeLimits},
		{"limits of a custom service", []step{add(worker())}, "worker", bounds, CodeLimits},
		{"one limit leaves the others", []step{memory("backend", 5)}, "backend", bounds, spec.Limits{CPUs: 1, Memory: 5, Pids: 256}},
		{"limits field by field", []step{memory("", 5), cpus("backend", 2), memory("backend", 7), cpus("", 3)}, "backend", bounds, spec.Limits{CPUs: 3, Memory: 7, Pids: 256}},
		{"limits of every service, also one added later", []step{memory("", 5), add(worker())}, "worker", bounds, spec.Limits{CPUs: 1, Memory: 5, Pids: 256}},
		{"limits of what it is like are not inherited", []step{memory("backend", 5), add(twin())}, "twin", bounds, CodeLimits},

		{"another port published", []step{backend(Override{Port: 9, Publish: 99})}, "backend", func(s spec.Service) any { return s.Ports[len(s.Ports)-1] }, spec.Port{Container: 9, Published: 99}},
		{"a port published elsewhere", []step{override(Override{Service: "redis", Port: 6379, Publish: 99})}, "redis", func(s spec.Service) any { return s.Ports }, []spec.Port{{Container: 6379, Published: 99}}},
		{"a port not published", []step{override(Override{Service: "redis", Port: 6379, Unpublish: true})}, "redis", func(s spec.Service) any { return s.Ports }, []spec.Port{{Container: 6379}}},
		{"restart", []step{override(always)}, "redis", func(s spec.Service) any { return s.Restart }, spec.Restart{Policy: spec.RestartAlways, OnUnhealthy: true}},
		{"restart of one", []step{override(always), backend(Override{Restart: spec.RestartNo})}, "backend", func(s spec.Service) any { return s.Restart.Policy }, spec.RestartNo},
		{"log", []step{override(Override{Log: spec.Log{MaxSize: 1, MaxFiles: 2}}), add(worker())}, "worker", func(s spec.Service) any { return s.Log }, spec.Log{MaxSize: 1, MaxFiles: 2}},
		{"what says nothing changes nothing", []step{override(always), override(Override{Log: spec.Log{MaxSize: 1}}), override(Override{})}, "redis",
			func(s spec.Service) any { return []any{s.Restart, s.Log} }, []any{spec.Restart{Policy: spec.RestartAlways, OnUnhealthy: true}, spec.Log{MaxSize: 1}}},

		{"data that lasts", nil, "postgres", func(s spec.Service) any { return s.Data }, []spec.DataDir{{Path: "/pgdata", Name: "postgres"}}},
		{"data that ends", []step{override(Override{Ephemeral: true})}, "postgres", func(s spec.Service) any { return s.Data },
			[]spec.DataDir{{Path: "/pgdata", Name: "postgres", Ephemeral: true}}},
		{"data of a custom service that ends", []step{override(Override{Ephemeral: true}), add(with(worker(), func(c *Custom) { c.Data = []string{"/a"} }))}, "worker",
			func(s spec.Service) any { return s.Data }, []spec.DataDir{{Path: "/a", Name: "own-worker-a", Ephemeral: true}}},
		{"a writable source", []step{override(Override{WritableSource: true})}, "backend", func(s spec.Service) any { return s.Source }, &spec.Source{Dir: ".", Path: "/app", Writable: true}},
		{"a writable source is inherited", []step{backend(Override{WritableSource: true}), add(twin())}, "twin", func(s spec.Service) any { return s.Source },
			&spec.Source{Dir: ".", Path: "/app", Writable: true}},
		{"no source to write", []step{override(Override{WritableSource: true})}, "redis", func(s spec.Service) any { return s.Source }, (*spec.Source)(nil)},
	} {
		t.Run(row.name, func(t *testing.T) {
			same(t, row.service, row.of(service(t, resolved(t, row.steps...), row.service)), row.want)
		})
	}
}
