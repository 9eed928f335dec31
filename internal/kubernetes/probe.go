package kubernetes

import (
	"cmp"
	"math"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

const (
	interval    = 5 * time.Second  // between probes, where the project says nothing: the agent's
	timeout     = 3 * time.Second  // of one
	startPeriod = 60 * time.Second // in which a service may fail
	retries     = 3
	// livenessFactor is how many times more a running process may fail than one that is not sent requests: to kill it is the last resort.
	livenessFactor = 3
)

// probes are the service's one probe, asked three times: until it has begun, whether it gets requests, and whether it has to be
// killed.
func (w *writer) probes(g *group, container *corev1.Container) (startup, readiness, liveness *corev1.Probe) {
	if g.Mode == spec.ModeJob || g.NoProbe {
		return nil, nil, nil
	}
	handler, found := w.handler(g, container)
	if !found {
		return nil, nil, nil
	}
	p := spec.Probe{}
	if g.Probe != nil {
		p = *g.Probe
	}
	every := seconds(cmp.Or(time.Duration(p.Interval), interval))
	probe := func(period, failures int32) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler: handler, PeriodSeconds: period, FailureThreshold: failures,
			TimeoutSeconds: min(seconds(cmp.Or(time.Duration(p.Timeout), timeout)), 300),
		}
	}
	first := seconds(cmp.Or(time.Duration(p.StartInterval), time.Second))
	most := int32(cmp.Or(p.Retries, retries))
	return probe(first, seconds(cmp.Or(time.Duration(p.StartPeriod), startPeriod))/first+most), probe(every, most), probe(every, most*livenessFactor)
}

// seconds is a duration in whole seconds, which is what Kubernetes counts in: at least one.
func seconds(d time.Duration) int32 {
	return int32(max(1, min(math.Ceil(d.Seconds()), math.MaxInt32)))
}

// handler is what a probe asks.
func (w *writer) handler(g *group, container *corev1.Container) (handler corev1.ProbeHandler, found bool) {
	port := func(number int) corev1.ProbeHandler {
		return corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(int32(number))}}
	}
	switch p := g.Probe; {
	case p == nil:
		if listens := g.Listens(); len(listens) > 0 {
			return port(listens[0]), true
		}
		return handler, false
	case p.HTTP != nil && (p.HTTP.Guessed || len(p.HTTP.Paths) != 1):
		w.note("%s: its probes ask whether port %d is open: which path tells whether it works is a guess (%s), and Kubernetes takes a 404 for a failure. Say --health-path, and it is asked",
			g.source, p.HTTP.Port, strings.Join(p.HTTP.Paths, ", "))
		return port(p.HTTP.Port), true
	case p.HTTP != nil:
		get := &corev1.HTTPGetAction{Path: p.HTTP.Paths[0], Port: intstr.FromInt32(int32(p.HTTP.Port))}
		if p.HTTP.TLS {
			get.Scheme = corev1.URISchemeHTTPS
		}
		return corev1.ProbeHandler{HTTPGet: get}, true
	case p.GRPC != nil:
		return corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: int32(p.GRPC.Port), Service: &p.GRPC.Service}}, true
	case p.TCP != nil:
		return port(p.TCP.Port), true
	case len(p.URL) > 0:
		// By its own program: the agent's way, a login over the network, is not there without the agent.
		return corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: recipe.Ping(g.Service)}}, true
	case len(p.Exec) > 0:
		return corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: w.probed(g, p.Exec, container)}}, true
	}
	return handler, false
}
