package client

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/state"
)

// stopTimeout is for one service: its grace, and then some.
const stopTimeout = 30 * time.Second

// Stop ends a running stack, each service before those it needs, and waits until all have ended.
func (c Client) Stop(ctx context.Context, out io.Writer) error {
	chosen, err := c.choose("")
	if err != nil {
		return err
	}
	if report, err := c.Report(""); err != nil {
		return c.notRunning(lastSeen(report))
	}
	services := inOrder(chosen)
	slices.Reverse(services)
	for _, service := range services {
		if !service.Alive() {
			continue
		}
		begun := time.Now()
		if err := c.stopOne(ctx, service); err != nil {
			return err
		}
		forced := ""
		if status, err := service.Status(); err == nil && status.LastExit != nil && status.LastExit.Forced {
			forced = wasKilled
		}
		fmt.Fprintf(out, "%s stopped after %.1f s%s\n", service.Name, time.Since(begun).Seconds(), forced)
	}
	return nil
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
