package agent

import (
	"context"
	"time"

	"dagger/stack/internal/state"
)

// needsPoll is how soon the health of what a service waits for is noticed.
const needsPoll = 10 * time.Millisecond

// awaitNeeds fires when all that the service needs is healthy. All containers of a stack are made at once, each up to
// its command: what waits for others is the command alone. Where the engine has started them first, it fires at once.
func (a *agent) awaitNeeds(ctx context.Context) <-chan time.Time {
	ready := make(chan time.Time, 1)
	go func() {
		for _, need := range a.Service.Needs {
			for !a.isHealthy(a.State.Service(need)) {
				select {
				case <-ctx.Done():
					return
				case <-time.After(needsPoll):
				}
			}
		}
		ready <- time.Now()
	}()
	return ready
}

// isHealthy asks the status file, and whether it is of an agent that lives: one of the run before may say anything.
func (a *agent) isHealthy(need state.Service) bool {
	status, err := need.Status()
	if err != nil || status.Health != state.Healthy || !need.Alive() {
		return false
	}
	run, err := a.State.Run()
	return err != nil || status.Updated.After(run.Started)
}
