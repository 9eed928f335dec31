package gateway

import (
	"cmp"
	"slices"
	"time"
)

const (
	sweepInterval = 250 * time.Millisecond
	// unspoken is how long a client may say nothing at first, as a browser does that connects ahead.
	unspoken = 30 * time.Second
	// unanswered is how long a client waits for a service that is not there.
	unanswered = time.Second
	// gentle is how many idle connections are closed between two sweeps by an end: each leaves a port of ours unusable for a
	// minute (TIME_WAIT), and there are 28,000. More are reset.
	gentle = 60

	// crowdMin is how many clients of postgres are no crowd: its default is 100.
	crowdMin = 48
	// crowdIdle is after what silence one of a crowd is taken for gone, and crowdedIdle when the server let none in.
	crowdIdle   = time.Minute
	crowdedIdle = 5 * time.Second
)

// sweep ends what nobody will use: the tunnel does not tell that a client is gone.
func (h *Hub) sweep() {
	h.mu.Lock()
	lines := make([]*line, 0, len(h.lines))
	for l := range h.lines {
		lines = append(lines, l)
	}
	h.mu.Unlock()
	now := time.Now()
	closed := 0
	var open []*line
	crowds := map[*port][]*line{}
	crowded := map[*port]bool{}
	for _, l := range lines {
		if !l.mu.TryLock() {
			continue // something is said just now
		}
		s := l.session
		silent := now.Sub(time.Unix(0, l.moved.Load()))
		switch {
		case s == nil || !l.ended.IsZero():
		case s.gone && s.talk == nil:
			if silent > unanswered && !l.known.Load() {
				l.mu.Unlock()
				l.end() // a client may wait for the service to speak
				continue
			}
		case s.gone:
			if p, ok := s.talk.(*postgres); ok && p.crowded && silent < crowdIdle {
				crowded[l.port] = true
			}
		case s.talk == nil:
			if silent > unspoken && l.known.Load() {
				s.closeIdle(closed >= gentle)
				closed++
			}
		case s.talk.idle(silent):
			s.closeIdle(closed >= gentle)
			closed++
		default:
			open = append(open, l)
			if p, ok := s.talk.(*postgres); ok && p.in {
				crowds[l.port] = append(crowds[l.port], l)
			}
		}
		l.mu.Unlock()
	}
	thin(open, h.limits.Sessions, crowdedIdle, canGo)
	for port, crowd := range crowds {
		least, keep := crowdIdle, crowdMin
		if crowded[port] {
			least, keep = crowdedIdle, crowdMin/2
		}
		thin(crowd, keep, least, canGo)
	}
}

// canGo tells whether nobody waits for what the service says.
func canGo(t talk) bool {
	switch t := t.(type) {
	case *opaque:
		return true
	case *postgres:
		return t.ready && !t.lost
	case *redis:
		return !t.waiting && t.between()
	}
	return false
}

// thin ends those sessions of a crowd that were silent for longest, if they may be ended.
func thin(crowd []*line, keep int, least time.Duration, may func(talk) bool) {
	if len(crowd) <= keep {
		return
	}
	slices.SortFunc(crowd, func(a, b *line) int { return cmp.Compare(a.moved.Load(), b.moved.Load()) })
	for _, l := range crowd[:len(crowd)-keep] {
		l.mu.Lock()
		silent := time.Since(time.Unix(0, l.moved.Load()))
		if s := l.session; !s.gone && s.talk != nil && silent >= least && may(s.talk) {
			s.closeIdle(true)
		}
		l.mu.Unlock()
	}
}
