package main

import (
	"context"
	"fmt"
	"time"

	"dagger/stack/internal/build"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/retry"
)

// built makes a container ready to run: its images pulled, its steps done. What the network spoilt is tried again
// after 1, 2 and 4 seconds.
func (m *Stack) built(ctx context.Context, name string, container *dagger.Container) (*dagger.Container, error) {
	return traced(ctx, m, "build", name, func(ctx context.Context) (*dagger.Container, error) {
		sync := func(ctx context.Context) (*dagger.Container, error) {
			container, err := container.Sync(ctx)
			return container, build.Error(name, err)
		}
		tries := 0
		return retry.Do(ctx, func() (*dagger.Container, error) {
			tries++
			if tries == 1 {
				return sync(ctx)
			}
			return traced(ctx, m, "retry", name, sync, attemptKey.Int(tries-1))
		}, func(err error, wait time.Duration) {
			fmt.Printf("%s: trying again in %s\n", plain.FirstLine(err.Error()), wait)
		})
	})
}
