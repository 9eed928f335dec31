package control

import (
	"context"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// PauseRequest asks for a service to be paused, or to go on.
type PauseRequest struct {
	Service string // empty: all
}

// PauseResult is a service that is held, or that goes on.
type PauseResult struct {
	Service string
	Verb    string // what was asked for
}

// String is the line about the service.
func (r PauseResult) String() string { return r.Service + " " + r.Verb + "d" }

// Pause holds a service's processes, or those of every service that runs, and hands on each.
func (c Client) Pause(ctx context.Context, r PauseRequest, done func(PauseResult)) error {
	return c.hold(ctx, r, protocol.VerbPause, state.Running, done)
}

// Unpause lets what is paused go on.
func (c Client) Unpause(ctx context.Context, r PauseRequest, done func(PauseResult)) error {
	return c.hold(ctx, r, protocol.VerbUnpause, state.Paused, done)
}

// hold asks the service, or all that are in that phase.
func (c Client) hold(ctx context.Context, r PauseRequest, verb string, from state.Phase, done func(PauseResult)) error {
	names := []string{r.Service}
	if r.Service == "" {
		report, err := c.Report("")
		if err != nil {
			return err
		}
		names = nil
		for _, service := range report.Services {
			if service.Phase == from {
				names = append(names, service.Service)
			}
		}
		if len(names) == 0 {
			return invalid("nothing to %s: no service of the stack is %s", verb, from)
		}
	}
	for _, name := range names {
		service, err := c.running(name)
		if err != nil {
			return err
		}
		if err := socket.Ask(ctx, service, verb, nil, nil, actTimeout); err != nil {
			return silent(name, err, actTimeout)
		}
		done(PauseResult{name, verb})
	}
	return nil
}
