// Package retry tries again what failed for a reason that may pass: an image or a dependency that could not be
// fetched. What is wrong in itself fails at once.
package retry

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Retries after the first try, and the first wait; each wait is twice the one before. No jitter: one user's builds
// are not a herd.
const (
	Retries   = 3
	firstWait = time.Second
)

// Do runs op until it succeeds, fails for good, or has failed Retries times more. notify hears of each failure that
// is followed by another try.
func Do[T any](ctx context.Context, op func() (T, error), notify func(err error, wait time.Duration)) (T, error) {
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.Multiplier, waits.RandomizationFactor = firstWait, 2, 0
	return backoff.Retry(ctx, func() (T, error) {
		value, err := op()
		if err != nil && !Transient(err.Error()) {
			err = backoff.Permanent(err)
		}
		return value, err
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(Retries+1), backoff.WithNotify(notify), backoff.WithMaxElapsedTime(0))
}

// Sleep waits from one attempt to the next, or until the context ends.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
