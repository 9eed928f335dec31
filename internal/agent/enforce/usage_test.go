package enforce

import (
	"math"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

func TestMeter(t *testing.T) {
	begun := time.Now()
	var m Meter
	for _, c := range []struct {
		after     time.Duration
		counters  Counters
		cpus      float64
		throttled float64
	}{
		{0, Counters{CPUTime: time.Second, Periods: 10, Throttled: 5}, 0, 0}, // nothing to compare with
		{time.Second, Counters{CPUTime: 1500 * time.Millisecond, Periods: 20, Throttled: 10}, 0.5, 0.5},
		{1100 * time.Millisecond, Counters{CPUTime: 1600 * time.Millisecond, Periods: 21, Throttled: 11}, 0.5, 0.5}, // too soon
		{2 * time.Second, Counters{CPUTime: 3500 * time.Millisecond, Periods: 30, Throttled: 20}, 2, 1},
		{3 * time.Second, Counters{CPUTime: 3500 * time.Millisecond, Periods: 30, Throttled: 20}, 0, 0},
		{4 * time.Second, Counters{}, 0, 0}, // an account that began anew
	} {
		got := m.Take(c.counters, begun.Add(c.after))
		if math.Abs(got.CPUs-c.cpus) > 1e-9 || math.Abs(got.Throttled-c.throttled) > 1e-9 || got.CPUTime != spec.Duration(c.counters.CPUTime) {
			t.Errorf("after %s: %+v, want %v cores, throttled %v", c.after, got, c.cpus, c.throttled)
		}
	}
	got := m.Take(Counters{Memory: 1, MemoryPeak: 2, Pids: 3, OOMKills: 4}, begun.Add(time.Minute))
	if want := (state.Usage{Memory: 1, MemoryPeak: 2, Pids: 3, OOMKills: 4}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestCores(t *testing.T) {
	for _, c := range []struct {
		quota, period string
		want          float64
	}{
		{"max", "100000", 0}, {"-1", "100000", 0}, {"50000", "100000", 0.5}, {"200000\n", "100000\n", 2}, {"1000", "1000000", 0.001},
	} {
		if got, err := cores(c.quota, c.period); err != nil || got != c.want {
			t.Errorf("%s of %s: %v, %v", c.quota, c.period, got, err)
		}
	}
	for _, c := range [][2]string{{"", "100000"}, {"50000", ""}, {"50000", "0"}} {
		if got, err := cores(c[0], c[1]); err == nil {
			t.Errorf("%q of %q: %v", c[0], c[1], got)
		}
	}
}

func TestBeyond(t *testing.T) {
	machine := spec.Limits{CPUs: 2, Memory: 8 << 30, Pids: 1 << 15}
	if notes := Beyond(machine, machine); len(notes) != 0 {
		t.Errorf("%q", notes)
	}
	if notes := Beyond(spec.Limits{}, machine); len(notes) != 0 {
		t.Errorf("%q", notes)
	}
	notes := Beyond(spec.Limits{CPUs: 2.5, Memory: 16 << 30, Pids: 1 << 16}, machine)
	for i, want := range []string{
		"cpus 2.5 is more than the machine's 2: it bounds nothing",
		"memory 16 GiB is more than the machine's 8 GiB: the machine runs out before the service",
		"pids 65536 is more than the machine's 32768: the machine runs out before the service",
	} {
		if i >= len(notes) || notes[i] != want {
			t.Errorf("%q, want %q", notes, want)
		}
	}
}

func TestMachine(t *testing.T) {
	if m := Machine(); m.CPUs < 1 || m.Memory < 1<<28 || m.Pids < 1<<8 {
		t.Errorf("%+v", m)
	}
}

func TestOutOfMemoryText(t *testing.T) {
	if got := OutOfMemory(512<<20, 512<<20); got != "out of memory at 512 MiB (limit 512 MiB)" {
		t.Error(got)
	}
	if got := OutOfMemory(1<<30, 0); got != "out of memory at 1 GiB (the machine's, there is no limit)" {
		t.Error(got)
	}
}
