package agent

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/services"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

func limited(limits spec.Limits) *renderer {
	return &renderer{address: netip.MustParseAddr("10.0.0.1"), used: map[string]string{}, limits: limits}
}

func TestLimitsInTemplates(t *testing.T) {
	r := limited(spec.Limits{CPUs: 0.5, Memory: 512 << 20, Pids: 64})
	for text, want := range map[spec.Template]string{
		"{{memory}}":                         "536870912",
		"{{cpus}}":                           "1",
		"{{pids}}":                           "64",
		"{{memory | percent 75 | mib}}":      "384",
		"{{min 3 (max 1 2)}} {{sub pids 4}}": "2 60",
		"{{memory | mib | div 8}}":           "64",
	} {
		got, err := r.render(text, nil)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := r.render(`{{secret "db-password"}}`, nil); err == nil {
		t.Error("an argument can hold a secret")
	}
}

func TestNoLimitIsTheMachine(t *testing.T) {
	machine := enforce.Machine()
	for _, limits := range []spec.Limits{{}, {CPUs: 1024, Memory: 1 << 50, Pids: 1 << 22}} {
		got, err := limited(limits).render("{{memory}}", nil)
		want, _ := limited(spec.Limits{Memory: machine.Memory}).render("{{memory}}", nil)
		if err != nil || got != want || got == "0" {
			t.Errorf("%+v: %q, %v", limits, got, err)
		}
	}
}

// What the built-in services are told of their limits.
func TestServicesKnowTheirLimits(t *testing.T) {
	options := func(limits spec.Limits) string {
		service := services.Postgres(services.Options{Limits: map[string]spec.Limits{"postgres": limits}})
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
		{services.DefaultLimits["postgres"], "-c shared_buffers=512MB -c max_connections=100"},
		{spec.Limits{Memory: 512 << 20, Pids: 256}, "-c shared_buffers=128MB -c max_connections=32"},
		{spec.Limits{Memory: 2 << 30, Pids: 64}, "-c shared_buffers=512MB -c max_connections=32"},
		{spec.Limits{Memory: 64 << 20, Pids: 20}, "-c shared_buffers=16MB -c max_connections=10"},
	} {
		if got := options(c.limits); !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v: %s", c.limits, got)
		}
	}
	app := services.Backend(services.Options{}, detect.Service{})
	var known []spec.Env
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
