package control

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// StopResult is a service that was ended.
type StopResult struct {
	Service string
	Took    time.Duration
	Exit    *state.Exit // how its process ended; nil: not known
}

// String is the line about the service.
func (r StopResult) String() string {
	text := fmt.Sprintf("%s stopped after %.1f s", r.Service, r.Took.Seconds())
	if r.Exit == nil {
		return text
	}
	return text + ": " + r.Exit.String() + protocol.Killed(r.Exit.Forced)
}

// stopTimeout is for one service: its grace, and then some.
const stopTimeout = 30 * time.Second

// Stop ends a running stack, each service before those it needs and otherwise all at once. It hands on each that has
// ended, one at a time, and returns when all have, and when the published ports are closed.
func (c Client) Stop(ctx context.Context, stopped func(StopResult)) error {
	names, err := c.choose("")
	if err != nil {
		return err
	}
	if _, err := c.Report(""); err != nil {
		return err
	}
	noted := c.State.Stop() // on a full disk it may not be
	names = c.inOrder(names)
	slices.Reverse(names)
	var telling sync.Mutex
	group, running := errgroup.WithContext(ctx)
	dependents := map[string][]chan struct{}{} // each closed when that one has ended
	for _, name := range names {
		done, before := make(chan struct{}), dependents[name]
		for _, need := range c.needs(name) {
			dependents[need] = append(dependents[need], done)
		}
		group.Go(func() error {
			for _, dependent := range before {
				select {
				case <-dependent:
				case <-running.Done():
					return running.Err()
				}
			}
			if service := c.State.Service(name); service.Alive() {
				result, err := stopOne(running, service)
				if err != nil {
					return err
				}
				telling.Lock()
				stopped(result)
				telling.Unlock()
			}
			close(done)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if noted != nil {
		return fmt.Errorf("all services have ended, and the published ports stay open until the call that published them is interrupted (Ctrl-C): %w", noted)
	}
	c.awaitGateway(ctx)
	return nil
}

// awaitGateway returns when the gateway, which ends with the stack, has ended: agents are stopped in less time than it takes. One
// that says nothing any more is not waited for.
func (c Client) awaitGateway(ctx context.Context) {
	for ctx.Err() == nil {
		said, err := c.State.Gateway()
		if err != nil || said.Gone(time.Now()) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func stopOne(ctx context.Context, service state.Service) (StopResult, error) {
	begun := time.Now()
	// An agent that ends while it is asked, because another has stopped it, has done what was wanted.
	err := socket.Ask(ctx, service, protocol.VerbStop, nil, nil, stopTimeout)
	for end := time.Now().Add(stopTimeout); service.Alive(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return StopResult{}, fmt.Errorf("%s did not stop: %w", service.Name, noAnswer(err, stopTimeout))
		}
	}
	result := StopResult{Service: service.Name, Took: time.Since(begun)}
	if status, err := service.Status(); err == nil && status.Updated.After(begun) { // what it could not say is not told
		result.Exit = status.LastExit
	}
	return result, nil
}
