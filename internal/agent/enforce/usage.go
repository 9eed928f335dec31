package enforce

import (
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// shortest is the least time that shares are told about: in less, one tick of the kernel's accounts is too much of it.
const shortest = 200 * time.Millisecond

// Meter turns counters into usage: shares are those of the time between two readings.
type Meter struct {
	last  Counters
	at    time.Time
	usage state.Usage
}

// Take reads in counters of now.
func (m *Meter) Take(c Counters, now time.Time) state.Usage {
	m.usage.Memory, m.usage.MemoryPeak, m.usage.Pids, m.usage.OOMKills = c.Memory, c.MemoryPeak, c.Pids, c.OOMKills
	m.usage.CPUTime = spec.Duration(c.CPUTime)
	switch elapsed := now.Sub(m.at); {
	case m.at.IsZero():
		m.last, m.at = c, now
	case elapsed >= shortest:
		m.usage.CPUs = max(0, (c.CPUTime-m.last.CPUTime).Seconds()/elapsed.Seconds())
		m.usage.Throttled = 0
		if periods := c.Periods - m.last.Periods; periods > 0 {
			m.usage.Throttled = min(1, float64(c.Throttled-m.last.Throttled)/float64(periods))
		}
		m.last, m.at = c, now
	}
	return m.usage
}
