package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// startPoll is how soon it is noticed that a service has become healthy.
const startPoll = 20 * time.Millisecond

// Wait tells what becomes of services that an up of this session starts: for all of them at once, because a process in
// each container that waits, which is what the engine's health checks are, costs as much as all else of a start.
func (c Client) Wait(ctx context.Context, r protocol.WaitRequest) (protocol.WaitResult, error) {
	run, err := c.State.Run()
	if err != nil {
		return protocol.WaitResult{}, err
	}
	up := thisUp{c.State, c.Session, run.Started, r.Since}
	var waited protocol.WaitResult
	waiting := r.Services
	for begun := time.Now(); ; {
		var left []string
		for _, name := range waiting {
			healthy, why := up.look(name)
			switch {
			case why != "":
				waited.Failed = &protocol.Failed{Service: name, Why: why}
				return waited, nil
			case healthy:
				waited.Healthy = append(waited.Healthy, protocol.Healthy{Service: name, Since: time.Now()})
			default:
				left = append(left, name)
			}
		}
		waiting = left
		if len(waiting) == 0 || len(waited.Healthy) > 0 && time.Since(waited.Healthy[0].Since) >= r.Gather {
			return waited, nil
		}
		if time.Since(begun) > r.Timeout {
			waited.Failed = up.silent(waiting, r)
			return waited, nil
		}
		select {
		case <-ctx.Done():
			return waited, ctx.Err()
		case <-time.After(startPoll):
		}
	}
}

// thisUp tells what is said of services that one up starts from what was said before.
type thisUp struct {
	state   state.Stack
	session string
	run     time.Time // when the stack was started: by this up, or by one before it in the same session
	since   time.Time // when this up began
}

// look tells whether a service is healthy, or else why it will never be.
func (u thisUp) look(name string) (healthy bool, why string) {
	service := u.state.Service(name)
	alive := service.Alive() // before its status: what it says last counts
	status, introduced := u.status(service)
	failure, err := service.Failure()
	switch {
	case err == nil && failure.Session == u.session && failure.Time.After(u.since):
		return false, failure.Why
	case !introduced:
		return false, ""
	case status.Phase == state.Exited || !alive:
		if !status.Updated.After(u.since) {
			return false, "" // the agent before
		}
		return false, ending("it", status)
	case status.Health == state.Unhealthy && status.Phase == state.Running:
		return false, lastWords(status)
	}
	return status.Health == state.Healthy && time.Since(status.Updated) < state.Stale, ""
}

// status is what the agent has said, if it was in this run of the stack.
func (u thisUp) status(service state.Service) (status state.Status, introduced bool) {
	status, err := service.Status()
	return status, err == nil && status.Session == u.session && status.Updated.After(u.run)
}

// silent is a service whose container was made and whose agent has said nothing since, not even that it failed.
func (u thisUp) silent(waiting []string, r protocol.WaitRequest) *protocol.Failed {
	for _, name := range r.Made {
		if _, introduced := u.status(u.state.Service(name)); !introduced && slices.Contains(waiting, name) {
			return &protocol.Failed{Service: name, Why: fmt.Sprintf("nothing was heard from its container in %s", r.Timeout)}
		}
	}
	return nil
}
