package control

import (
	"context"
	"fmt"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// RestartRequest asks for a new process of a service.
type RestartRequest struct {
	Service        string
	WithDependents bool   // those that need it too, after it
	Timeout        string // for each to become healthy
	// Refuse answers CodeBusy at once when the service is being restarted already; otherwise that is waited for.
	Refuse bool
}

// Restart restarts a service, and hands on what has become of it and of each that is restarted after it.
func (c Client) Restart(ctx context.Context, r RestartRequest, restarted func(protocol.RestartResult)) error {
	timeout, err := parseTimeout(r.Timeout)
	if err != nil {
		return err
	}
	if r.Service == "" {
		return errNoService
	}
	if _, err := c.running(r.Service); err != nil {
		return err
	}
	all, err := c.choose("")
	if err != nil {
		return err
	}
	needs := c.restartsWith
	if r.WithDependents {
		needs = c.needs
	}
	names := append([]string{r.Service}, c.following(all, r.Service, needs)...)
	for _, name := range names {
		if err := c.restartOne(ctx, name, timeout, r.Refuse, restarted); err != nil {
			return err
		}
	}
	return nil
}

func (c Client) restartOne(ctx context.Context, name string, timeout time.Duration, refuse bool, restarted func(protocol.RestartResult)) error {
	service, result, begun := c.State.Service(name), protocol.RestartResult{Service: name}, time.Now()
	err := socket.Ask(ctx, service, protocol.VerbRestart, protocol.RestartArgs{Refuse: refuse}, &result, timeout)
	switch {
	case protocol.CodeOf(err) == protocol.CodeBusy:
		return fmt.Errorf("%s %w: wait for its end and try again", name, err)
	case err != nil:
		return withLog(service, begun, fmt.Errorf("%s did not come back: %w", name, noAnswer(err, timeout)))
	}
	restarted(result)
	return nil
}

// running is a service whose agent is there to be asked.
func (c Client) running(name string) (state.Service, error) {
	service := c.State.Service(name)
	if _, err := c.choose(name); err != nil || service.Alive() {
		return service, err
	}
	if _, err := c.Report(""); err != nil {
		return service, err
	}
	return service, notRunning("service %q does not run, though others of the stack do, and cannot be started into it: see %s, "+
		"end the stack with %s, and start it again", name, c.cli("health"), c.cli("stop"))
}
