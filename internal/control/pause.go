package control

import (
	"context"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// Pause holds a service's processes, or those of every service that runs, and hands on each name.
func (c Client) Pause(ctx context.Context, r protocol.PauseRequest, done func(service string)) error {
	return c.hold(ctx, r, protocol.VerbPause, state.Running, done)
}

// Unpause lets what is paused go on.
func (c Client) Unpause(ctx context.Context, r protocol.PauseRequest, done func(service string)) error {
	return c.hold(ctx, r, protocol.VerbUnpause, state.Paused, done)
}

// hold asks the service, or all that are in that phase.
func (c Client) hold(ctx context.Context, r protocol.PauseRequest, verb string, from state.Phase, done func(service string)) error {
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
		done(name)
	}
	return nil
}
