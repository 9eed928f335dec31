// Package probe asks a service whether it works, and keeps Docker's account of the answers.
package probe

import (
	"cmp"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Defaults fit a developer who waits; Docker's (interval and timeout 30s, no start period, moby daemon/health.go)
// fit a cluster.
const (
	// A service that is about to be healthy is asked often, one that takes its time less so: a refusal may be a line in
	// its log.
	startInterval = 250 * time.Millisecond
	fastInterval  = 25 * time.Millisecond
	fastPeriod    = 10 * time.Second
	interval      = 5 * time.Second
	timeout       = 3 * time.Second
	startPeriod   = 60 * time.Second
	retries       = 3
)

// Machine turns results into a health state by Docker's rules: the first success makes a service healthy; failures
// in the start period of a service that is still starting do not count; retries failures in a row make it
// unhealthy. It has no clock and no side effect: time comes with the results.
type Machine struct {
	StartInterval, Interval, Timeout, StartPeriod time.Duration
	Retries                                       int

	Health  state.Health
	Streak  int
	Results []state.Result
	begun   time.Time
	lasting time.Time // since when every failure was one that waiting does not end
}

// NewMachine is the account of a process that began at that time.
func NewMachine(p spec.Probe, begun time.Time) *Machine {
	return &Machine{
		StartInterval: time.Duration(p.StartInterval),
		Interval:      cmp.Or(time.Duration(p.Interval), interval),
		Timeout:       cmp.Or(time.Duration(p.Timeout), timeout),
		StartPeriod:   cmp.Or(time.Duration(p.StartPeriod), startPeriod),
		Retries:       cmp.Or(p.Retries, retries),
		Health:        state.Starting,
		begun:         begun,
	}
}

// Record takes one result in.
func (m *Machine) Record(result state.Result) {
	if len(result.Output) > state.OutputKept {
		result.Output = result.Output[:state.OutputKept]
	}
	m.Results = append(m.Results, result)
	if extra := len(m.Results) - state.ProbesKept; extra > 0 {
		m.Results = append([]state.Result(nil), m.Results[extra:]...)
	}
	if result.ExitCode == 0 {
		m.Health, m.Streak = state.Healthy, 0
		return
	}
	if m.Health == state.Starting && result.Start.Sub(m.begun) < m.StartPeriod {
		if m.tolerates(result) {
			return
		}
		m.Streak = m.Retries - 1
	}
	m.Streak++
	if m.Streak >= m.Retries {
		m.Health = state.Unhealthy
	}
}

// tolerates tells whether a failure in the start period may still come to an end by itself.
func (m *Machine) tolerates(result state.Result) bool {
	if result.Timeout == 0 {
		m.lasting = time.Time{}
		return true
	}
	if m.lasting.IsZero() {
		m.lasting = result.Start
	}
	return result.Start.Sub(m.lasting) < time.Duration(result.Timeout)
}

// Wait is the time from the end of one probe to the start of the next. Interval is from start to start, as
// Kubernetes' periodSeconds: counted from the end, as Docker does, a service that hangs would take Retries timeouts
// longer to be noticed than one that answers badly.
func (m *Machine) Wait() time.Duration {
	switch last := m.Results[len(m.Results)-1]; {
	case m.Health != state.Starting:
		return max(0, m.Interval-time.Duration(last.Duration))
	case m.StartInterval != 0:
		return m.StartInterval
	case last.Start.Sub(m.begun) < fastPeriod:
		// A probe that is work for the service is not asked again before the service has had as long for itself.
		return min(max(fastInterval, time.Duration(last.Duration)), m.Interval)
	}
	return startInterval
}
