package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"dagger/stack/internal/state"
)

// readyPoll is how soon a service that has become healthy is noticed.
const readyPoll = 10 * time.Millisecond

// Ready waits until a service is healthy. It is the engine's health check, which runs it inside the service's
// container: one that blocks, because the engine would ask again only after whole seconds (core/healthcheck.go).
// instance is the file in which that container's agent says who it is.
func (c Client) Ready(ctx context.Context, name, instance string) error {
	service := c.State.Service(name)
	for {
		id, err := os.ReadFile(instance)
		status, statusErr := service.Status()
		outcome := status.Outcome()
		switch err = errors.Join(err, statusErr); {
		case errors.Is(err, fs.ErrNotExist): // the agent has just begun
		case err != nil:
			return err
		case status.Instance != string(id): // of the agent before
		case (outcome == state.Ready || outcome == state.Completed) && time.Since(status.Updated) < state.Stale:
			return nil
		case outcome == state.Failed && status.Phase == state.Running:
			return fmt.Errorf("%s is unhealthy: %s", name, status.Reason())
		case outcome == state.Failed && service.Alive():
			return errors.New(ending(name, status))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(readyPoll):
		}
	}
}

// ending says how a service ended, as far as that is known: one that was never started has no exit.
func ending(name string, status state.Status) string {
	switch {
	case status.Why != "":
		return status.Why
	case status.LastExit == nil:
		return name + " ended"
	}
	return name + " ended: " + status.LastExit.String()
}
