package client

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/state"
)

// stopTimeout is for one service: its grace, and then some.
const stopTimeout = 30 * time.Second

// Stop ends a running stack, each service before those it needs and otherwise all at once, and waits until all have ended.
func (c Client) Stop(ctx context.Context, out io.Writer) error {
	chosen, err := c.choose("")
	if err != nil {
		return err
	}
	if report, err := c.Report(""); err != nil {
		return c.notRunning(lastSeen(report))
	}
	if err := c.State.Stop(); err != nil {
		return err
	}
	services := inOrder(chosen)
	slices.Reverse(services)
	var printing sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	dependents := map[string][]chan struct{}{} // each closed when that one has ended
	for _, service := range services {
		done, before := make(chan struct{}), dependents[service.Name]
		if status, err := service.Status(); err == nil {
			for _, need := range status.Needs {
				dependents[need] = append(dependents[need], done)
			}
		}
		group.Go(func() error {
			for _, dependent := range before {
				select {
				case <-dependent:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if service.Alive() {
				begun := time.Now()
				if err := c.stopOne(ctx, service); err != nil {
					return err
				}
				forced := ""
				if status, err := service.Status(); err == nil && status.LastExit != nil && status.LastExit.Forced {
					forced = wasKilled
				}
				printing.Lock()
				fmt.Fprintf(out, "%s stopped after %.1f s%s\n", service.Name, time.Since(begun).Seconds(), forced)
				printing.Unlock()
			}
			close(done)
			return nil
		})
	}
	return group.Wait()
}

func (c Client) stopOne(ctx context.Context, service state.Service) error {
	// An agent that ends while it is asked, because another has stopped it, has done what was wanted.
	err := service.Ask(ctx, agent.VerbStop, nil, nil, stopTimeout)
	for end := time.Now().Add(stopTimeout); service.Alive(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%s did not stop: %w", service.Name, noAnswer(err, stopTimeout))
		}
	}
	return nil
}
