package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// needsPoll is how soon the health of what a service waits for is noticed.
const needsPoll = 10 * time.Millisecond

// awaitNeeds sends when the service can be started: nil when all that it needs is as it has to be, an error when that will not
// be, or the up that it is part of has failed. All containers of a stack are made at once, each up to its command: what waits
// for others is the command alone. An agent must not wait for ever: the engine does not stop a service whose start has not
// come to an end. Where the engine has started first what is needed, it sends at once.
func (a *agent) awaitNeeds(ctx context.Context) <-chan error {
	ready := make(chan error, 1)
	go func() {
		for _, need := range a.Service.DependsOn {
			for {
				met, why := a.check(need)
				if met || why != "" && need.Optional {
					break
				}
				if why == "" && a.State.GivenUp(a.Session) {
					why = unmet(need.Condition)
				}
				if why != "" {
					ready <- lackError{a.Service.Name, need.Service, why}
					return
				}
				select {
				case <-ctx.Done():
					return
				case <-time.After(needsPoll):
				}
			}
		}
		ready <- nil
	}()
	return ready
}

// lackError is why a service is not started: one that it needs is not as it has to be.
type lackError struct{ service, need, why string }

func (e lackError) Error() string {
	return fmt.Sprintf("%s was not started: %s, which it needs, %s", e.service, e.need, e.why)
}

// unmet says that what is needed is not as it has to be.
func unmet(condition spec.Condition) string {
	switch condition {
	case spec.Started:
		return "was not started"
	case spec.Completed:
		return "did not complete"
	}
	return "did not become healthy"
}

// check tells whether what is needed is as it has to be, or else why it never will be; neither: not yet. It asks the status
// file, and whether that is of an agent that lives: one of the run before may say anything.
func (a *agent) check(need spec.Dependency) (met bool, why string) {
	service := a.State.Service(need.Service)
	run, err := a.State.Run()
	if need.Optional && err == nil && run.HasParts() && !slices.Contains(run.Services, need.Service) {
		return true, ""
	}
	status, statusErr := service.Status()
	if statusErr != nil || !service.Alive() || err == nil && !status.Updated.After(run.Started) {
		return false, ""
	}
	outcome := status.Outcome()
	over := status.Phase == state.Exited || status.Why != "" // the process will not run, or not as it should
	switch need.Condition {
	case spec.Started:
		met = status.Phase != state.Created && !status.PostStarting && status.Why == ""
	case spec.Completed:
		met = outcome == state.Completed
	default:
		met = outcome == state.Ready || outcome == state.Completed && status.Ready > 0
		over = over || outcome == state.Failed
	}
	// A failure that is not the service's alone is one of the up, which gives up.
	if !met && over && (status.Alone() || outcome == state.Completed) {
		why = unmet(need.Condition) + ": " + status.Reason()
	}
	return met, why
}
