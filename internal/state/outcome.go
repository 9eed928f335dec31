package state

import (
	"strings"

	"dagger/stack/internal/spec"
)

// Outcome is what has become of a service. Who waits for a service, reports it or starts what depends on it asks for this
// alone.
type Outcome string

const (
	Pending   Outcome = "pending"   // is still expected: it waits, starts, or is between two processes
	Ready     Outcome = "ready"     // its process runs, and is healthy
	Completed Outcome = "completed" // has done its work, and is not expected to run
	Failed    Outcome = "failed"    // is not there, or not healthy
)

// Outcome is what the agent's words come to. Whether the agent lives is another question.
func (s Status) Outcome() Outcome {
	switch {
	case s.Phase == Exited && s.Done():
		return Completed
	case s.Phase == Exited, s.Why != "", s.Phase == Running && s.Health == Unhealthy:
		return Failed
	case s.Phase == Paused:
		return Pending
	case s.Health == Healthy:
		return Ready
	}
	return Pending
}

// Done tells whether the end of the last process was the end of the service's work: exit code 0, where an end is expected.
func (s Status) Done() bool {
	return s.Mode != spec.ModeService && s.LastExit != nil && !s.LastExit.Failed()
}

// Reason is why the outcome is what it is, as far as the agent knows.
func (s Status) Reason() string {
	switch {
	case s.Why != "":
		return s.Why
	case s.Phase == Running && len(s.Probes) > 0:
		said, more, _ := strings.Cut(s.Probes[len(s.Probes)-1].Output, "\n")
		return strings.TrimSuffix(s.hinted(said)+"\n"+more, "\n")
	case s.Phase == Running:
		return "no probe was answered"
	case s.LastExit != nil:
		return s.hinted(s.LastExit.String())
	}
	return "it ended"
}

func (s Status) hinted(said string) string {
	if s.Hint != "" {
		said += ": " + s.Hint
	}
	return said
}

// Alone tells whether a failure of the service is its own, and not one of the up that has started it.
func (s Status) Alone() bool { return s.Mode == spec.ModeContainer }

// Prevented tells whether the service was never started, because one that it needs is not as it has to be: then the up is not what was
// asked for, as with docker compose.
func (s Status) Prevented() bool { return s.Phase == Created && s.Why != "" }

// crashes are as many restarts as an up waits for.
const crashes = 3

// Crashing tells whether the service is started again and again and has not been healthy since the last time. An up does not
// wait for it any longer; who depends on it does.
func (s Status) Crashing() bool { return s.Alone() && s.Restarts >= crashes && s.Ready == 0 }
