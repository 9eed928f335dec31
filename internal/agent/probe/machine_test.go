package probe

import (
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A service that starts is asked often at first, then less so, and at its own interval once it was healthy.
func TestWait(t *testing.T) {
	begun := time.Now()
	fails := func(after time.Duration) state.Result { return state.Result{Start: begun.Add(after), ExitCode: 1} }
	m := NewMachine(spec.Probe{}, begun)
	for _, c := range []struct {
		result state.Result
		want   time.Duration
	}{
		{fails(0), fastInterval},
		{fails(fastPeriod - time.Millisecond), fastInterval},
		{fails(fastPeriod), startInterval},
		{state.Result{Start: begun.Add(fastPeriod)}, interval},
		{fails(fastPeriod + time.Second), interval},
	} {
		m.Record(c.result)
		if got := m.Wait(); got != c.want {
			t.Errorf("after a probe at %s: %s, want %s", c.result.Start.Sub(begun), got, c.want)
		}
	}
	m = NewMachine(spec.Probe{StartInterval: spec.Duration(time.Second)}, begun)
	m.Record(fails(0))
	if got := m.Wait(); got != time.Second {
		t.Errorf("a probe that says how often: %s", got)
	}
}

// What waiting does not end is not waited for as long as a start may take; one other failure in between, and it may end by itself.
func TestLastingFailures(t *testing.T) {
	begun := time.Now()
	fails := func(after, timeout time.Duration) state.Result {
		return state.Result{Start: begun.Add(after), ExitCode: 1, Timeout: spec.Duration(timeout)}
	}
	start := func() *Machine { return NewMachine(spec.Probe{StartPeriod: spec.Duration(time.Minute)}, begun) }
	for _, c := range []struct {
		name    string
		results []state.Result
		want    state.Health
	}{
		{"a server that is not there yet", []state.Result{fails(0, 0), fails(50*time.Second, 0)}, state.Starting},
		{"its first moment", []state.Result{fails(0, ShortTimeout), fails(time.Second, ShortTimeout)}, state.Starting},
		{"it stays", []state.Result{fails(0, ShortTimeout), fails(ShortTimeout, ShortTimeout)}, state.Unhealthy},
		{"it comes anew", []state.Result{fails(0, ShortTimeout), fails(2*time.Second, 0), fails(4*time.Second, ShortTimeout)}, state.Starting},
	} {
		m := start()
		for _, result := range c.results {
			m.Record(result)
		}
		if m.Health != c.want {
			t.Errorf("%s: %s, want %s", c.name, m.Health, c.want)
		}
	}
}
