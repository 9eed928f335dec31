package state

import (
	"testing"

	"dagger/stack/internal/spec"
)

func TestOutcome(t *testing.T) {
	ok, bad := &Exit{Code: 0}, &Exit{Code: 2}
	for _, c := range []struct {
		name   string
		status Status
		want   Outcome
	}{
		{"just made", Status{Phase: Created, Health: Starting}, Pending},
		{"starts", Status{Phase: Running, Health: Starting}, Pending},
		{"healthy", Status{Phase: Running, Health: Healthy}, Ready},
		{"unhealthy", Status{Phase: Running, Health: Unhealthy}, Failed},
		{"between two", Status{Phase: Restarting, Health: Starting, LastExit: bad}, Pending},
		{"a service that ends well", Status{Phase: Exited, Health: Unhealthy, LastExit: ok}, Failed},
		{"a container that ends well", Status{Mode: spec.ModeContainer, Phase: Exited, Health: Done, LastExit: ok}, Completed},
		{"a job that ends well", Status{Mode: spec.ModeJob, Phase: Exited, Health: Done, LastExit: ok}, Completed},
		{"a container that fails", Status{Mode: spec.ModeContainer, Phase: Exited, Health: Unhealthy, LastExit: bad}, Failed},
		{"one that ended before anything ran", Status{Mode: spec.ModeJob, Phase: Exited}, Failed},
		{"a container that ended well and starts again", Status{Mode: spec.ModeContainer, Phase: Running, Health: Starting, LastExit: ok}, Pending},
		{"what it needs has failed", Status{Mode: spec.ModeContainer, Phase: Created, Health: Unhealthy, Why: "db failed"}, Failed},
		{"healthy, but not all of its start went well", Status{Phase: Running, Health: Healthy, Why: "post_start failed"}, Failed},
	} {
		if got := c.status.Outcome(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestCrashing(t *testing.T) {
	crashing := Status{Mode: spec.ModeContainer, Phase: Restarting, Restarts: crashes}
	if !crashing.Crashing() {
		t.Error("a container that ends again and again is waited for")
	}
	for name, change := range map[string]func(*Status){
		"a few times": func(s *Status) { s.Restarts-- }, "it is healthy": func(s *Status) { s.Ready = 1 }, "a service of the up": func(s *Status) { s.Mode = spec.ModeService },
	} {
		s := crashing
		if change(&s); s.Crashing() {
			t.Error(name)
		}
	}
}
