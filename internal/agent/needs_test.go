//go:build root

package agent

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A service that needs another is started when that one is healthy: not by what the run before says of it, and not
// by an agent that is dead.
func TestNeeds(t *testing.T) {
	r := newTest(t, script("echo up; exec sleep 60"))
	r.Service.DependsOn = []spec.Dependency{{Service: "other"}}
	other := state.At(r.State).Service("other")
	if err := other.Create(); err != nil {
		t.Fatal(err)
	}
	if err := state.At(r.State).WriteRun(state.Run{Started: time.Now()}); err != nil {
		t.Fatal(err)
	}
	r.start()
	waits := func(why string) {
		t.Helper()
		time.Sleep(10 * needsPoll)
		if s := r.status(); s.Phase != state.Created || s.PID != 0 {
			t.Fatalf("started though %s: %+v", why, s)
		}
	}
	says := func(health state.Health, updated time.Time) {
		t.Helper()
		if err := other.WriteStatus(state.Status{Service: "other", Health: health, Updated: updated}); err != nil {
			t.Fatal(err)
		}
	}
	r.until("there", func() bool { return r.status().Instance != "" })
	waits("the other was never there")
	says(state.Healthy, time.Now())
	waits("the other's agent is dead")
	lock, err := other.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	r.until("started", func() bool { return r.status().PID != 0 })
	r.until("its output", func() bool { return strings.Contains(r.logs(), "up\n") })
}

func TestNeedsOfThisRun(t *testing.T) {
	r := newTest(t, script("exec sleep 60"))
	r.Service.DependsOn = []spec.Dependency{{Service: "other"}}
	other := state.At(r.State).Service("other")
	lock, err := other.Lock() // an agent that has just begun, and not yet written what it is
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	old := state.Status{Service: "other", Health: state.Healthy, Updated: time.Now()}
	if err := other.WriteStatus(old); err != nil {
		t.Fatal(err)
	}
	if err := state.At(r.State).WriteRun(state.Run{Started: time.Now()}); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.until("there", func() bool { return r.status().Instance != "" })
	time.Sleep(10 * needsPoll)
	if r.status().PID != 0 {
		t.Fatal("started by a status of the run before")
	}
	old.Updated = time.Now()
	if err := other.WriteStatus(old); err != nil {
		t.Fatal(err)
	}
	r.until("started", func() bool { return r.status().PID != 0 })
}

// An agent that waits ends when it is asked to.
func TestStopWhileWaiting(t *testing.T) {
	r := newTest(t, script("exec sleep 60"))
	r.Service.DependsOn = []spec.Dependency{{Service: "other"}}
	r.start()
	r.until("it can be asked", func() bool { return r.ask(protocol.VerbStop, nil) == nil })
	if code := r.exitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, r.output.String())
	}
}

// Of an up that has failed, nothing waits on: neither what was there, nor what comes later. The engine would not stop
// it, and the call would hang. Another session's failure is another's.
func TestGivenUp(t *testing.T) {
	r := newTest(t, script("exec sleep 60"))
	r.Service.DependsOn, r.Session = []spec.Dependency{{Service: "other"}}, "mine"
	r.start()
	r.until("there", func() bool { return r.status().Instance != "" })
	r.before = r.status().Instance
	stack := state.At(r.State)
	if err := stack.GiveUp("another"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * needsPoll)
	if r.status().Phase == state.Exited {
		t.Fatal("gave up for another")
	}
	if err := stack.GiveUp("mine"); err != nil {
		t.Fatal(err)
	}
	if code := r.exitCode(); code != 1 || !strings.Contains(r.logs(), "thing was not started: other, which it needs") {
		t.Errorf("exit code %d\n%s", code, r.logs())
	}
	if code := r.start().exitCode(); code != 1 {
		t.Errorf("one that came later: exit code %d", code)
	}
	if err := stack.Begin(); err != nil {
		t.Fatal(err)
	}
	r.start().untilStatus("it waits again", func(s state.Status) bool { return s.Instance != r.before && s.Phase == state.Created })
}

// What need not be part of the stack is not waited for, as soon as it is known that it is none.
func TestNeedsOfARunWithoutPartsYet(t *testing.T) {
	r := newTest(t, script("exec sleep 60"))
	r.Service.DependsOn = []spec.Dependency{{Service: "other", Optional: true}}
	stack, run := state.At(r.State), state.Run{Started: time.Now()}
	if err := errors.Join(stack.Service("other").Create(), stack.WriteRun(run)); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.until("there", func() bool { return r.status().Instance != "" })
	time.Sleep(10 * needsPoll)
	if r.status().PID != 0 {
		t.Fatal("started though the other may be part of the stack")
	}
	run.Services = []string{"web"}
	if err := stack.WriteRun(run); err != nil {
		t.Fatal(err)
	}
	r.until("started", func() bool { return r.status().PID != 0 })
}
