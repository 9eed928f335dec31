package agent

import (
	"context"
	"fmt"
	"time"

	"dagger/stack/internal/state"
)

// needsPoll is how soon the health of what a service waits for is noticed.
const needsPoll = 10 * time.Millisecond

// awaitNeeds sends when the service can be started: nil when all that it needs is healthy, an error when the up that it is
// part of has failed. All containers of a stack are made at once, each up to its command: what waits for others is the
// command alone. An agent must not wait for ever: the engine does not stop a service whose start has not come to an end.
// Where the engine has started first what is needed, it sends at once.
func (a *agent) awaitNeeds(ctx context.Context) <-chan error {
	ready := make(chan error, 1)
	go func() {
		for _, need := range a.Service.Needs() {
			for !a.isHealthy(a.State.Service(need)) {
				if a.State.GivenUp(a.Session) {
					ready <- fmt.Errorf("%s was not started: %s, which it needs, did not become healthy", a.Service.Name, need)
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

// isHealthy asks the status file, and whether it is of an agent that lives: one of the run before may say anything.
func (a *agent) isHealthy(need state.Service) bool {
	status, err := need.Status()
	if err != nil || status.Health != state.Healthy || !need.Alive() {
		return false
	}
	run, err := a.State.Run()
	return err != nil || status.Updated.After(run.Started)
}
