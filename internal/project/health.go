package project

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/spec"
)

// HealthFlags are how a service is asked whether it works, as a user says it. What is empty says nothing.
type HealthFlags struct {
	Probe, StartPeriod, Interval, Timeout string
	Retries                               int
}

// Health is the same, read.
type Health struct {
	Off   bool       // nobody asks
	Probe spec.Probe // its ports are 0 where the service's first is meant
}

const (
	shortestTime = 10 * time.Millisecond
	longestTime  = 24 * time.Hour
	mostRetries  = 1000
)

const probeWanted = "want http, https, tcp or grpc, each with :PORT or without, and of http and https with a path (https:3000/health), " +
	"\"command: pg_isready -q\", or none"

var probeKind = lazyregexp.New(`^(http|https|tcp|grpc)(?::([0-9]+))?(/.*)?$`)

// Read refuses what cannot be.
func (f HealthFlags) Read(service string) (h Health, err error) {
	if h.Probe, err = readProbe(f.Probe); err != nil {
		return h, fmt.Errorf("probe %q: %w", f.Probe, err)
	}
	h.Off = f.Probe == "none"
	if service == "" && f.Probe != "" {
		return h, fmt.Errorf("probe %q: which service? Name it with --service", f.Probe)
	}
	for _, flag := range []struct {
		name, text string
		to         *spec.Duration
	}{
		{"start period", f.StartPeriod, &h.Probe.StartPeriod}, {"interval", f.Interval, &h.Probe.Interval}, {"timeout", f.Timeout, &h.Probe.Timeout},
	} {
		if flag.text == "" {
			continue
		}
		d, err := time.ParseDuration(flag.text)
		if err != nil || d < shortestTime || d > longestTime {
			return h, fmt.Errorf("%s %q: want a duration such as 90s or 5m, %s to %s", flag.name, flag.text, shortestTime, longestTime)
		}
		*flag.to = spec.Duration(d)
	}
	if h.Probe.Retries = f.Retries; f.Retries < 0 || f.Retries > mostRetries {
		return h, fmt.Errorf("retries %d: want 1 to %d", f.Retries, mostRetries)
	}
	return h, nil
}

// readProbe reads KIND[:PORT][/PATH], or a command.
func readProbe(text string) (p spec.Probe, err error) {
	if text == "" || text == "none" {
		return p, nil
	}
	if line, is := strings.CutPrefix(text, "command:"); is {
		p.Exec, err = shell.Split(line)
		return p, err
	}
	match := probeKind.FindStringSubmatch(text)
	if match == nil {
		return p, errors.New(probeWanted)
	}
	kind, path, port := match[1], match[3], 0
	if match[2] != "" {
		if port, err = portNumber(match[2]); err != nil {
			return p, fmt.Errorf("port %s: want 1 to 65535", match[2])
		}
	}
	switch kind {
	case "tcp":
		if path != "" {
			return p, errors.New("a port has no path: " + probeWanted)
		}
		p.TCP = &spec.TCPSocket{Port: port}
	case "grpc":
		p.GRPC = &spec.GRPC{Port: port, Service: strings.TrimPrefix(path, "/")}
	default:
		p.HTTP = &spec.HTTPGet{Port: port, TLS: kind == "https", Paths: []string{path}}
		if path == "" { // any answer will do
			p.HTTP.Paths, p.HTTP.Guessed = []string{"/"}, true
		}
	}
	return p, nil
}

// says tells whether a user has said anything.
func (h Health) says() bool {
	p := h.Probe
	return h.Off || p.Asks() || p.StartPeriod != 0 || p.Interval != 0 || p.Timeout != 0 || p.Retries != 0
}

// apply is the service with it, field by field. A service that nobody asks is healthy when it has run for the start period.
func (h Health) apply(s spec.Service) spec.Service {
	if s.Mode == spec.ModeJob || !h.says() {
		return s
	}
	if h.Off {
		s.Probe, s.NoProbe, s.Settle = nil, true, settle
	}
	var probe spec.Probe
	if s.Probe != nil {
		probe = *s.Probe
	}
	if h.Probe.Asks() {
		probe.HTTP, probe.TCP, probe.GRPC, probe.URL, probe.Exec = nil, nil, nil, nil, h.Probe.Exec
		ask(&probe, h.Probe, s)
	}
	probe.StartPeriod = cmp.Or(h.Probe.StartPeriod, probe.StartPeriod)
	probe.Interval = cmp.Or(h.Probe.Interval, probe.Interval)
	probe.Timeout = cmp.Or(h.Probe.Timeout, probe.Timeout)
	probe.Retries = cmp.Or(h.Probe.Retries, probe.Retries)
	switch {
	case probe.Asks():
		s.Probe, s.NoProbe, s.Settle = &probe, false, 0
	case h.Probe.StartPeriod != 0:
		s.Settle = h.Probe.StartPeriod
	}
	return s
}

// ask has a probe ask a service over the network what a user said, at the port of the service's own probe, or else its first, unless the
// user has said one.
func ask(probe *spec.Probe, said spec.Probe, s spec.Service) {
	port := 0
	if len(s.Ports) > 0 {
		port = s.Ports[0].Container
	}
	if s.Probe != nil && portOf(s.Probe) != nil {
		port = *portOf(s.Probe)
	}
	switch {
	case said.HTTP != nil:
		get := *said.HTTP
		if get.Guessed && s.Probe != nil && s.Probe.HTTP != nil && s.Probe.HTTP.Guessed {
			get.Paths = s.Probe.HTTP.Paths
		}
		probe.HTTP = &get
	case said.TCP != nil:
		probe.TCP = &spec.TCPSocket{Port: said.TCP.Port}
	case said.GRPC != nil:
		probe.GRPC = &spec.GRPC{Port: said.GRPC.Port, Service: said.GRPC.Service}
	}
	if at := portOf(probe); at != nil && *at == 0 {
		*at = port
	}
}

// portOf is where a probe says its port, nil if it asks none.
func portOf(p *spec.Probe) *int {
	switch {
	case p.HTTP != nil:
		return &p.HTTP.Port
	case p.TCP != nil:
		return &p.TCP.Port
	case p.GRPC != nil:
		return &p.GRPC.Port
	}
	return nil
}

// checkHealth refuses what a user has said of one service and the service has no use for.
func (p Project) checkHealth(overrides []Override) error {
	for _, o := range overrides {
		if o.Service == "" || !o.Health.says() {
			continue
		}
		for _, s := range p.Services {
			if s.Name != o.Service && s.InstanceOf != o.Service {
				continue
			}
			if why := o.Health.useless(s); why != "" {
				return fmt.Errorf("health of service %s: %s", o.Service, why)
			}
		}
	}
	return nil
}

// useless is why a service has no use for it, "" if the service has.
func (h Health) useless(s spec.Service) string {
	switch {
	case s.Mode == spec.ModeJob:
		return "it is a job, which is done when it has ended: there is nothing to ask"
	case s.Probe == nil && !h.Off && (h.Probe.Interval != 0 || h.Probe.Timeout != 0 || h.Probe.Retries != 0):
		return "nobody asks it: say what is asked with --probe, or with --start-period how long it has to run to be healthy"
	case s.Probe != nil && portOf(s.Probe) != nil && *portOf(s.Probe) == 0:
		return "it has no port: name the one that is asked, as in --probe tcp:8000"
	}
	return ""
}
