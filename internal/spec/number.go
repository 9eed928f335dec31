package spec

import "math"

// Under is the number where limits are in force. Where there is no limit, the machine is the limit.
func (n Number) Under(limits, machine Limits) int64 {
	least := int64(math.MaxInt64)
	for _, m := range n.Of {
		least = min(least, m.under(limits, machine))
	}
	if n.AtMost != 0 {
		least = min(least, n.AtMost)
	}
	return max(least, n.AtLeast)
}

func (m Measure) under(limits, machine Limits) int64 {
	limit, most := limits.of(m.Limit), machine.of(m.Limit)
	if limit == 0 || most > 0 && most < limit {
		limit = most
	}
	if m.Percent != 0 {
		limit = limit * m.Percent / 100
	}
	return (limit - m.Less) / max(m.Per, 1)
}

func (l Limits) of(resource Resource) int64 {
	switch resource {
	case Memory:
		return l.Memory
	case CPUs:
		return int64(math.Ceil(l.CPUs))
	}
	return l.Pids
}

// Bounded tells whether all limits that the number follows are there.
func (n Number) Bounded(limits Limits) bool {
	for _, m := range n.Of {
		if limits.of(m.Limit) == 0 {
			return false
		}
	}
	return true
}
