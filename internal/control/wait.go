package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dagger/stack/internal/state"
)

// WaitRequest says which services an up waits for.
type WaitRequest struct {
	Services []string
	All      Parts     // what the run has
	Since    time.Time // when the up began: what has ended before is not its concern
	Made     []string  // those of the services whose containers run by now
	// Gather is how long after one service others are waited for, to be told at once: an answer costs more than all the
	// looking.
	Gather time.Duration
	// Timeout is when an answer comes also if there is nothing to tell. A container that runs for longer without a word
	// of its agent has none.
	Timeout time.Duration

	Publish   bool // the gateway is waited for, too, and the API's token told
	Publishes bool // the gateway's container runs by now
}

// WaitResult is what has become of some of the services: of all, or of those that the time has shown.
type WaitResult struct {
	Healthy []Healthy `json:"healthy,omitempty"`
	Failed  *Failed   `json:"failed,omitempty"` // nil: none has
	// Alone are services that have failed though the up goes on: nothing is waited for of them.
	Alone []Failed `json:"alone,omitempty"`

	Published bool   `json:"published,omitempty"` // all published ports are listened on
	Token     string `json:"token,omitempty"`     // of the API
}

// Healthy is a service that has become healthy, or has done its work.
type Healthy struct {
	Service   string    `json:"service"`
	Since     time.Time `json:"since"` // when it was seen
	Completed bool      `json:"completed,omitempty"`
	Skipped   string    `json:"skipped,omitempty"` // why it need not have been run
}

// Failed is a service that did not become healthy, and will not.
type Failed struct {
	Service string `json:"service"`
	Why     string `json:"why"`
}

// startPoll is how soon it is noticed that a service has become healthy.
const startPoll = 20 * time.Millisecond

// Wait tells what becomes of services that an up of this session starts: for all of them at once, because a process in
// each container that waits, which is what the engine's health checks are, costs as much as all else of a start.
func (c Client) Wait(ctx context.Context, r WaitRequest) (WaitResult, error) {
	if err := c.consist(r.All); err != nil {
		return WaitResult{}, err
	}
	run, err := c.State.Run()
	if err != nil {
		return WaitResult{}, err
	}
	up := thisUp{c.State, c.Session, run.Started, r.Since}
	var waited WaitResult
	waiting := r.Services
	var first time.Time // when there was something to tell
	for begun := time.Now(); ; {
		var left []string
		for _, name := range waiting {
			outcome, why, alone := up.look(name)
			switch {
			case outcome == state.Failed && alone:
				waited.Alone = append(waited.Alone, Failed{Service: name, Why: why})
			case outcome == state.Failed:
				waited.Failed = &Failed{Service: name, Why: why}
				return waited, nil
			case outcome == state.Pending:
				left = append(left, name)
			default:
				waited.Healthy = append(waited.Healthy, up.healthy(name, outcome))
			}
		}
		waiting = left
		if told := len(waited.Healthy)+len(waited.Alone) > 0; told && first.IsZero() {
			first = time.Now()
		}
		waited.Published = r.Publish && up.published()
		if len(waiting) == 0 && waited.Published == r.Publish || !first.IsZero() && time.Since(first) >= r.Gather {
			return up.lookAgain(waited), nil
		}
		if time.Since(begun) > r.Timeout {
			if len(waiting) == 0 && r.Publishes {
				return waited, fmt.Errorf("the gateway, which publishes the ports, does not listen %s after its container was made: what it has printed is in the call's progress", r.Timeout)
			}
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

// lookAgain has those that have ended since among those that failed: nobody asks a container without a health check whether it works.
func (u thisUp) lookAgain(waited WaitResult) WaitResult {
	healthy := waited.Healthy
	waited.Healthy = nil
	for _, service := range healthy {
		if outcome, why, alone := u.look(service.Service); outcome == state.Failed && alone {
			waited.Alone = append(waited.Alone, Failed{Service: service.Service, Why: why})
			continue
		}
		waited.Healthy = append(waited.Healthy, service)
	}
	return waited
}

// thisUp tells apart what agents say now and what agents of an earlier up have left on the volume.
type thisUp struct {
	state   state.Stack
	session string
	run     time.Time // when the stack was started: by this up, or by one before it in the same session
	since   time.Time // when this up began
}

// look tells what has become of a service, and why it has failed. alone: the up need not fail with it.
func (u thisUp) look(name string) (outcome state.Outcome, why string, alone bool) {
	service := u.state.Service(name)
	alive := service.Alive() // before its status: what it says last counts
	status, introduced := u.status(service)
	failure, err := service.Failure()
	if err == nil && failure.Session == u.session && failure.Time.After(u.since) {
		return state.Failed, failure.Why, false
	}
	if !introduced {
		return state.Pending, "", false
	}
	outcome = status.Outcome()
	switch {
	case (!alive || outcome == state.Failed && status.Phase == state.Exited) && !status.Updated.After(u.since):
		return state.Pending, "", false // the agent before
	case !alive:
		return state.Failed, ending("it", status), false
	case status.Crashing():
		return state.Failed, fmt.Sprintf("it ends again and again, the last time: %s", status.LastExit), true
	case outcome == state.Failed && status.Phase == state.Exited:
		return outcome, ending("it", status), status.Alone()
	case outcome == state.Failed:
		return outcome, status.Reason(), status.Alone() && !status.Prevented()
	case outcome == state.Ready && time.Since(status.Updated) >= state.Stale:
		return state.Pending, "", false
	}
	return outcome, "", false
}

// healthy is a service of which nothing more is waited for.
func (u thisUp) healthy(name string, outcome state.Outcome) Healthy {
	status, _ := u.status(u.state.Service(name))
	return Healthy{Service: name, Since: time.Now(), Completed: outcome == state.Completed, Skipped: status.Skipped}
}

// status is what the agent has said, if it was in this run of the stack.
func (u thisUp) status(service state.Service) (status state.Status, introduced bool) {
	status, err := service.Status()
	return status, err == nil && status.Session == u.session && status.Updated.After(u.run)
}

// published tells whether the gateway of this run listens.
func (u thisUp) published() bool {
	said, err := u.state.Gateway()
	return err == nil && said.Session == u.session && said.Updated.After(u.run) && !said.Gone(time.Now())
}

// silent is a service whose container was made and whose agent has said nothing since, not even that it failed.
func (u thisUp) silent(waiting []string, r WaitRequest) *Failed {
	for _, name := range r.Made {
		if _, introduced := u.status(u.state.Service(name)); !introduced && slices.Contains(waiting, name) {
			return &Failed{Service: name, Why: fmt.Sprintf("nothing was heard from its container in %s", r.Timeout)}
		}
	}
	return nil
}
