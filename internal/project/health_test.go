package project

import (
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
)

// What a user says of a service's health, read and applied to the backend, which is guessed to answer at port 9000.
func TestHealth(t *testing.T) {
	t.Parallel()
	guessed := []string{"/health", "/"}
	for _, row := range []struct {
		flags HealthFlags
		want  spec.Probe
	}{
		{HealthFlags{StartPeriod: "5m"}, spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: guessed, Guessed: true}, StartPeriod: spec.Duration(5 * time.Minute)}},
		{HealthFlags{Interval: "30s", Timeout: "10s", Retries: 9}, spec.Probe{
			HTTP: &spec.HTTPGet{Port: 9000, Paths: guessed, Guessed: true}, Interval: spec.Duration(30 * time.Second), Timeout: spec.Duration(10 * time.Second), Retries: 9}},
		{HealthFlags{Probe: "http"}, spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: guessed, Guessed: true}}},
		{HealthFlags{Probe: "http/ok"}, spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: []string{"/ok"}}}},
		{HealthFlags{Probe: "https"}, spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, TLS: true, Paths: guessed, Guessed: true}}},
		{HealthFlags{Probe: "https:3000/a?b=c"}, spec.Probe{HTTP: &spec.HTTPGet{Port: 3000, TLS: true, Paths: []string{"/a?b=c"}}}},
		{HealthFlags{Probe: "tcp"}, spec.Probe{TCP: &spec.TCPSocket{Port: 9000}}},
		{HealthFlags{Probe: "tcp:1"}, spec.Probe{TCP: &spec.TCPSocket{Port: 1}}},
		{HealthFlags{Probe: "grpc:50051/shop.Orders", Retries: 1}, spec.Probe{GRPC: &spec.GRPC{Port: 50051, Service: "shop.Orders"}, Retries: 1}},
		{HealthFlags{Probe: "command: test -e '/a b'"}, spec.Probe{Exec: []string{"test", "-e", "/a b"}}},
	} {
		h, err := row.flags.Read("backend")
		if err != nil {
			t.Errorf("%+v: %v", row.flags, err)
			continue
		}
		same(t, row.flags.Probe, *service(t, resolved(t, override(Override{Service: "backend", Health: h})), "backend").Probe, row.want)
	}
}

// A service that nobody asks is healthy when it has run for a while, and a user says for how long.
func TestHealthOfWhatIsNotAsked(t *testing.T) {
	t.Parallel()
	p := resolved(t, add(worker()), override(Override{Service: "worker", Health: Health{Probe: spec.Probe{StartPeriod: 7}}}),
		override(Override{Service: "backend", Health: Health{Off: true}}))
	same(t, "worker", service(t, p, "worker").Settle, spec.Duration(7))
	backend := service(t, p, "backend")
	same(t, "backend", []any{backend.Probe, backend.NoProbe, backend.Settle}, []any{(*spec.Probe)(nil), true, settle})
	all := resolved(t, add(worker()), override(Override{Health: Health{Probe: spec.Probe{Interval: 7}}}))
	same(t, "all", service(t, all, "backend").Probe.Interval, spec.Duration(7))
	same(t, "all, and one that is not asked", service(t, all, "worker").Probe, (*spec.Probe)(nil))
}

func TestHealthThatCannotBe(t *testing.T) {
	t.Parallel()
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	for want, flags := range map[string]HealthFlags{
		`probe "ftp": want http, https, tcp or grpc, each with :PORT or without, and of http and https with a path (https:3000/health)`: {Probe: "ftp"},
		`probe "http:0": port 0: want 1 to 65535`:                                 {Probe: "http:0"},
		`probe "tcp:1/x": a port has no path`:                                     {Probe: "tcp:1/x"},
		`probe "command:": `:                                                      {Probe: "command:"},
		`start period "soon": want a duration such as 90s or 5m, 10ms to 24h0m0s`: {StartPeriod: "soon"},
		`interval "1ms": want a duration`:                                         {Interval: "1ms"},
		`timeout "25h": want a duration`:                                          {Timeout: "25h"},
		`retries 1001: want 1 to 1000`:                                            {Retries: 1001},
		`retries -1: want 1 to 1000`:                                              {Retries: -1},
	} {
		_, err := flags.Read("backend")
		refused(err, want)
	}
	_, err := HealthFlags{Probe: "tcp:1"}.Read("")
	refused(err, `probe "tcp:1": which service? Name it with --service`)
	job := add(with(worker(), func(c *Custom) { c.Job = true }))
	says := func(p spec.Probe) step { return override(Override{Service: "worker", Health: Health{Probe: p}}) }
	for want, steps := range map[string][]step{
		"health of service worker: it has no port: name the one that is asked":   {add(worker()), says(spec.Probe{TCP: &spec.TCPSocket{}})},
		"health of service worker: nobody asks it: say what is asked":            {add(worker()), says(spec.Probe{Retries: 2})},
		"health of service worker: it is a job, which is done when it has ended": {job, says(spec.Probe{StartPeriod: 2})},
	} {
		_, err := after(t, shop(), append(steps, resolve())...)
		refused(err, want)
	}
}
