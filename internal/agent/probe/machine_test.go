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
