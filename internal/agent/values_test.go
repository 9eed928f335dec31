package agent

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

func limited(limits spec.Limits) *renderer {
	return &renderer{address: netip.MustParseAddr("10.0.0.1"), used: map[string]string{}, limits: limits}
}

func TestNumbers(t *testing.T) {
	r := limited(spec.Limits{CPUs: 0.5, Memory: 512 << 20, Pids: 64})
	measure := func(m spec.Measure) spec.Number { return spec.Number{Of: []spec.Measure{m}} }
	for _, c := range []struct {
		number spec.Number
		want   string
	}{
		{measure(spec.Measure{Limit: spec.Memory}), "536870912"},
		{measure(spec.Measure{Limit: spec.CPUs}), "1"},
		{measure(spec.Measure{Limit: spec.Pids}), "64"},
		{measure(spec.Measure{Limit: spec.Memory, Percent: 75, Per: 1 << 20}), "384"},
		{measure(spec.Measure{Limit: spec.Pids, Less: 4}), "60"},
		{spec.Number{Of: []spec.Measure{{Limit: spec.Pids}}, AtLeast: 65}, "65"},
		{spec.Number{Of: []spec.Measure{{Limit: spec.Pids}}, AtMost: 63}, "63"},
		{spec.Number{Of: []spec.Measure{{Limit: spec.Pids}, {Limit: spec.CPUs}}}, "1"},
	} {
		got, err := r.Render(spec.Value{spec.Text("="), spec.NumberPart(c.number)})
		if err != nil || got != "="+c.want {
			t.Errorf("%+v: %q, %v", c.number, got, err)
		}
	}
	secret := spec.Value{spec.SecretPart("db-password", spec.Plain)}
	a := &agent{Config: Config{Service: spec.Service{Process: spec.Process{Options: []spec.Value{secret}}}}, render: r}
	if _, err := a.arguments(); err == nil || !strings.Contains(err.Error(), "db-password") {
		t.Errorf("an argument can hold a secret: %v", err)
	}
}

func TestNoLimitIsTheMachine(t *testing.T) {
	machine := enforce.Machine()
	memory := spec.Value{spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory}}})}
	for _, limits := range []spec.Limits{{}, {CPUs: 1024, Memory: 1 << 50, Pids: 1 << 22}} {
		got, err := limited(limits).Render(memory)
		want, _ := limited(spec.Limits{Memory: machine.Memory}).Render(memory)
		if err != nil || got != want || got == "0" {
			t.Errorf("%+v: %q, %v", limits, got, err)
		}
	}
}

// What the built-in services are told of their limits.
func TestServicesKnowTheirLimits(t *testing.T) {
	options := func(limits spec.Limits) string {
		service := recipe.Postgres("postgres", "")
		a := &agent{Config: Config{Service: service}, render: limited(limits)}
		args, err := a.arguments()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(args, " ")
	}
	for _, c := range []struct {
		limits spec.Limits
		want   string
	}{
		{recipe.Postgres("postgres", "").Limits, "-c shared_buffers=512MB -c max_connections=100"},
		{spec.Limits{Memory: 512 << 20, Pids: 256}, "-c shared_buffers=128MB -c max_connections=32"},
		{spec.Limits{Memory: 2 << 30, Pids: 64}, "-c shared_buffers=512MB -c max_connections=32"},
		{spec.Limits{Memory: 64 << 20, Pids: 20}, "-c shared_buffers=16MB -c max_connections=10"},
	} {
		if got := options(c.limits); !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v: %s", c.limits, got)
		}
	}
	code := fstest.MapFS{"backend/requirements.txt": {Data: []byte("fastapi\nuvicorn\n")}, "backend/main.py": {Data: []byte("from fastapi import FastAPI\napp = FastAPI()\n")}}
	project, err := detect.Join(code, detect.Databases("shop"), detect.Flags{})
	if err != nil {
		t.Fatal(err)
	}
	app, _ := project.Service("backend")
	var known []spec.Variable
	for _, env := range app.Process.Env {
		if env.Default {
			known = append(known, env)
		}
	}
	env, err := limited(spec.Limits{CPUs: 0.5, Memory: 1 << 30}).environ([]string{"NODE_OPTIONS=--max-old-space-size=99", "PATH=/bin"}, known)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(env)
	if got, want := strings.Join(env, " "), "GOMAXPROCS=2 GOMEMLIMIT=966367641 NODE_OPTIONS=--max-old-space-size=99 PATH=/bin"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUnset(t *testing.T) {
	t.Parallel()
	env, err := limited(spec.Limits{}).environ([]string{"A=image", "B=image"}, []spec.Variable{{Name: "A", Unset: true}, {Name: "C", Unset: true}})
	if err != nil || strings.Join(env, " ") != "B=image" {
		t.Errorf("%v %v", env, err)
	}
}

// A service's variables come before those of its image, and one without a value takes the image's away.
func TestEnvironment(t *testing.T) {
	env, err := limited(spec.Limits{}).environ([]string{"A=image", "B=image", "C=image", "D=image"}, []spec.Variable{
		spec.Env("A", "service"), {Name: "B", Unset: true}, {Name: "C", Default: true, Value: spec.Value{spec.Text("service")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(env)
	if got, want := strings.Join(env, " "), "A=service C=image D=image"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
