package agent

import (
	"time"

	expbackoff "github.com/cenkalti/backoff/v5"
)

// A crashed process is started again after 100 ms, then twice as long each time, up to 10 s. One that ran for 10 s
// starts over. Docker's are 100 ms, 1 min and 10 s (moby daemon/internal/restartmanager): a developer does not
// wait a minute.
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 10 * time.Second
	goodRun      = 10 * time.Second
)

type backoff struct {
	delays *expbackoff.ExponentialBackOff
}

func newBackoff() backoff {
	delays := expbackoff.NewExponentialBackOff()
	delays.InitialInterval, delays.Multiplier, delays.MaxInterval, delays.RandomizationFactor = firstDelay, 2, longestDelay, 0
	delays.Reset()
	return backoff{delays}
}

// next is the delay after a process that ran that long.
func (b backoff) next(uptime time.Duration) time.Duration {
	if uptime >= goodRun {
		b.delays.Reset()
	}
	return b.delays.NextBackOff()
}
