package project

import (
	"fmt"
	"reflect"
	"testing"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
)

func TestCustom(t *testing.T) {
	t.Parallel()
	const database, redis = "postgresql://postgres", "redis://redis"
	base := Project{Name: "shop", Services: []spec.Service{
		{Name: "postgres", Exports: []spec.Variable{spec.Env("DATABASE_URL", database)}},
		{Name: "redis", Exports: []spec.Variable{spec.Env("REDIS_URL", redis)}},
		{
			Name: "backend", Build: spec.Build{Dir: "."}, Ports: []spec.Port{{Container: 9000}}, DependsOn: []spec.Dependency{{Service: "postgres"}},
			Exports: []spec.Variable{spec.Env("BACKEND_URL", "http://backend:9000")},
			Process: spec.Process{Command: []string{"serve"}, User: "app", Workdir: "/app", Env: []spec.Variable{
				spec.Env("PORT", "9000"), {Name: "SECRET_KEY", Value: spec.Value{spec.SecretPart("k", spec.Plain)}}, spec.Env("MODE", "web"), spec.Env("BACKEND_URL", "outside")}},
		},
	}}
	three := limits.Setting{CPUs: ptr(3.0)}
	custom := Custom{
		Name: "worker", Contained: true, Needs: []string{"redis", "backend"}, Env: []spec.Variable{spec.Env("MODE", "work")},
		Command: []string{"work"}, Data: []string{"/data"},
	}
	p, err := after(t, base, add(custom), override(Override{Service: "worker", Limits: three}), resolve())
	refused(t, err, "")
	s := service(t, p, "worker")
	want := map[string]string{"PROJECT_NAME": "shop", "REDIS_URL": redis, "BACKEND_URL": "http://backend:9000", "MODE": "work"}
	if got := environment(s); !reflect.DeepEqual(got, want) {
		t.Errorf("environment %v, want %v", got, want)
	}
	if s.Process.User != "1000:1000" || s.Limits.CPUs != 3 {
		t.Errorf("%+v", s)
	}
	if len(s.Data) != 1 || s.Data[0].Path != "/data" || s.Data[0].Name != "own-worker-data" {
		t.Errorf("data %+v", s.Data)
	}
	same(t, "kind", s.Kind, "custom")

	custom.Ports, custom.Contained, custom.Like = []spec.Port{{Container: 7000}}, false, "backend"
	p, err = after(t, base, add(custom), resolve())
	refused(t, err, "")
	s = service(t, p, "worker")
	want = map[string]string{
		"PROJECT_NAME": "shop", "REDIS_URL": redis, "BACKEND_URL": "http://backend:9000", "MODE": "work",
		"SECRET_KEY": "<k>", "PORT": "7000", "DATABASE_URL": database, // the backend has it from postgres
	}
	if got := environment(s); !reflect.DeepEqual(got, want) {
		t.Errorf("like: environment %v, want %v", got, want)
	}
	if fmt.Sprintf("%v %v %v %v", s.Needs(), s.Process.Command, s.Process.User, s.Process.Workdir) != "[redis backend postgres] [work] app /app" {
		t.Errorf("like: %+v", s)
	}
	same(t, "kind", s.Kind, "like backend")
}

// What a custom service takes over from the service that it is made like, and what it does not.
func TestLike(t *testing.T) {
	t.Parallel()
	p := resolved(t, add(with(twin(), func(c *Custom) {
		c.Probe, c.User = &spec.Probe{TCP: &spec.TCPSocket{Port: 1}}, "other"
	})))
	got, backend := service(t, p, "twin"), service(t, p, "backend")
	same(t, "build", got.Build, backend.Build)
	same(t, "source", got.Source, backend.Source)
	same(t, "workdir", got.Process.Workdir, backend.Process.Workdir)
	same(t, "user", got.Process.User, "other")
	same(t, "probe", got.Probe, &spec.Probe{TCP: &spec.TCPSocket{Port: 1}})
	same(t, "ports", got.Ports, []spec.Port(nil))
	same(t, "exports", got.Exports, []spec.Variable(nil))
	same(t, "process group", got.Process.StopGroup, true)
}

// Each folder has a volume of its own, that no folder of another service has.
func TestVolumes(t *testing.T) {
	t.Parallel()
	data := func(name string, folders ...string) step {
		return add(Custom{Name: name, Contained: true, Data: folders})
	}
	p := resolved(t, data("x", "/data/", "/var/lib/y"), data("x-data", "/z"))
	same(t, "x", service(t, p, "x").Data, []spec.DataDir{{Path: "/data/", Name: "own-x-data"}, {Path: "/var/lib/y", Name: "own-x-var-lib-y"}})
	same(t, "x-data", service(t, p, "x-data").Data, []spec.DataDir{{Path: "/z", Name: "own-x-data-z"}})
	for want, steps := range map[string][]step{
		`service x: data folder "/a-b": its volume would be that of a folder of x: choose another folder`: {data("x", "/a/b", "/a-b")},
		`service x-a: data folder "/b": its volume would be that of a folder of x: choose another folder`: {data("x", "/a/b"), data("x-a", "/b")},
	} {
		_, err := after(t, shop(), steps...)
		refused(t, err, want)
	}
}

// What others wait for and cannot ask is a job; what nobody waits for has to run for a while.
func TestJobOrWorker(t *testing.T) {
	t.Parallel()
	neededBy := func(c *Custom) { c.NeededBy = []string{"backend"} }
	for _, c := range []struct {
		name      string
		custom    Custom
		mode      spec.Mode
		settle    spec.Duration
		condition spec.Condition // of the backend; "-": it does not wait
	}{
		{"a worker", worker(), "", settle, "-"},
		{"a job", with(worker(), neededBy), spec.ModeJob, 0, spec.Completed},
		{"a server by its port", with(with(worker(), neededBy), func(c *Custom) { c.Ports = []spec.Port{{Container: 80}} }), "", settle, spec.Healthy},
		{"a server by its probe", with(with(worker(), neededBy), func(c *Custom) { c.Probe = &spec.Probe{Exec: []string{"true"}} }), "", 0, spec.Healthy},
		{"an image as it is", with(with(worker(), neededBy), func(c *Custom) { c.Command = nil }), "", settle, spec.Healthy},
	} {
		p := resolved(t, add(c.custom))
		s := service(t, p, c.custom.Name)
		same(t, c.name+": mode", s.Mode, c.mode)
		same(t, c.name+": settle", s.Settle, c.settle)
		condition := spec.Condition("-")
		for _, d := range service(t, p, "backend").DependsOn {
			if d.Service == s.Name {
				condition = d.Condition
			}
		}
		same(t, c.name+": condition", condition, c.condition)
	}
}
