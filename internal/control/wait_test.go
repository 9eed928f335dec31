package control_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"

	. "dagger/stack/internal/control"
)

const thisSession = "this.dagger.local"

// begun is the note of an up of this session.
func (w world) begun(names ...string) {
	w.Helper()
	if err := w.State.WriteRun(state.Run{Stack: w.Name, Started: time.Now(), Services: names, Session: thisSession}); err != nil {
		w.Fatal(err)
	}
}

func (w world) wait(r WaitRequest) WaitResult {
	w.Helper()
	w.Session = thisSession
	waited, err := w.Wait(w.Context(), r)
	if err != nil {
		w.Fatal(err)
	}
	return waited
}

func healthyOf(waited WaitResult) (names []string) {
	for _, healthy := range waited.Healthy {
		names = append(names, healthy.Service)
	}
	return names
}

func ours(status state.Status) state.Status {
	status.Session = thisSession
	return status
}

func TestWaitForAll(t *testing.T) {
	w := newWorld(t)
	w.begun("postgres", "redis")
	w.agent(ours(healthy("postgres")))
	go func() {
		time.Sleep(200 * time.Millisecond)
		w.agent(ours(healthy("redis")))
	}()
	waited := w.wait(WaitRequest{Services: []string{"redis", "postgres"}, Since: time.Now(), Gather: time.Minute, Timeout: time.Minute})
	if names := healthyOf(waited); waited.Failed != nil || !slices.Equal(names, []string{"postgres", "redis"}) {
		t.Errorf("%v, failed %v", names, waited.Failed)
	}
	if apart := waited.Healthy[1].Since.Sub(waited.Healthy[0].Since); apart <= 0 {
		t.Errorf("the second was seen %s after the first", apart)
	}
}

// A container that has run for a moment only, while others were waited for, is told of as failed.
func TestWaitLooksAgain(t *testing.T) {
	w := newWorld(t)
	w.begun("early", "redis")
	early := ours(healthy("early"))
	early.Mode = spec.ModeContainer
	w.agent(early)
	go func() {
		time.Sleep(200 * time.Millisecond)
		early.Phase, early.Health, early.LastExit, early.Updated = state.Exited, state.Unhealthy, &state.Exit{Code: 1}, time.Now()
		if err := w.State.Service("early").WriteStatus(early); err != nil {
			t.Error(err)
		}
		w.agent(ours(healthy("redis")))
	}()
	waited := w.wait(WaitRequest{Services: []string{"early", "redis"}, Since: time.Now(), Gather: time.Minute, Timeout: time.Minute})
	if names := healthyOf(waited); !slices.Equal(names, []string{"redis"}) || len(waited.Alone) != 1 || waited.Alone[0].Why != "it ended: exit code 1" {
		t.Errorf("%v, alone %v", names, waited.Alone)
	}
}

// One that is healthy is told of though others are not.
func TestWaitTellsOfSome(t *testing.T) {
	w := newWorld(t)
	w.begun("postgres", "redis")
	w.agent(ours(healthy("postgres")))
	waited := w.wait(WaitRequest{Services: []string{"redis", "postgres"}, Since: time.Now(), Timeout: time.Minute})
	if names := healthyOf(waited); waited.Failed != nil || !slices.Equal(names, []string{"postgres"}) {
		t.Errorf("%v, failed %v", names, waited.Failed)
	}
}

func TestWaitForOneThatFails(t *testing.T) {
	exited := ours(healthy("web"))
	exited.Phase, exited.Health, exited.LastExit = state.Exited, state.Unhealthy, &state.Exit{Code: 3}
	stopped := ours(healthy("web"))
	stopped.Phase = state.Exited
	unhealthy := ours(healthy("web"))
	unhealthy.Health = state.Unhealthy
	for want, status := range map[string]state.Status{
		"it ended: exit code 3": exited,
		"it ended":              stopped,
		"fine\nand more":        unhealthy,
	} {
		w := newWorld(t)
		w.begun("web")
		since := time.Now()
		status.Updated = time.Time{} // now
		w.agent(status)
		waited := w.wait(WaitRequest{Services: []string{"web"}, Since: since, Timeout: time.Minute})
		if waited.Failed == nil || *waited.Failed != (Failed{Service: "web", Why: want}) || len(waited.Healthy) != 0 {
			t.Errorf("%+v, want %q", waited, want)
		}
	}
}

// A container's failure is its own, unless it keeps another from being started.
func TestWaitForContainersThatFail(t *testing.T) {
	failed := ours(healthy("web"))
	failed.Mode, failed.Health = spec.ModeContainer, state.Unhealthy
	prevented := failed
	prevented.Phase, prevented.Why = state.Created, "web was not started: db, which it needs, did not become healthy"
	for alone, status := range map[bool]state.Status{true: failed, false: prevented} {
		w := newWorld(t)
		w.begun("web")
		since := time.Now()
		status.Updated = time.Time{} // now
		w.agent(status)
		waited := w.wait(WaitRequest{Services: []string{"web"}, Since: since, Timeout: time.Minute})
		if alone != (len(waited.Alone) == 1) || alone == (waited.Failed != nil) {
			t.Errorf("alone %t: %+v", alone, waited)
		}
	}
}

// An agent that is gone has no health, whatever it said last.
func TestWaitForAnAgentThatEnded(t *testing.T) {
	w := newWorld(t)
	w.begun("web")
	since := time.Now()
	w.agent(ours(healthy("web")))()
	waited := w.wait(WaitRequest{Services: []string{"web"}, Since: since, Timeout: time.Minute})
	if waited.Failed == nil || waited.Failed.Why != "it ended" {
		t.Errorf("%+v", waited)
	}
}

// One that could not begin has a reason, and no status.
func TestWaitForAnAgentThatCouldNotBegin(t *testing.T) {
	w := newWorld(t)
	w.begun("web")
	since := time.Now()
	service := w.State.Service("web")
	if err := service.WriteFailure(state.Failure{Session: thisSession, Time: time.Now(), Why: "no user 1234"}); err != nil {
		t.Fatal(err)
	}
	waited := w.wait(WaitRequest{Services: []string{"web"}, Since: since, Timeout: time.Minute})
	if waited.Failed == nil || waited.Failed.Why != "no user 1234" {
		t.Errorf("%+v", waited)
	}
	// It is nothing to an up that began later.
	w.agent(ours(healthy("web")))
	if waited := w.wait(WaitRequest{Services: []string{"web"}, Since: time.Now(), Timeout: time.Minute}); waited.Failed != nil || len(waited.Healthy) != 1 {
		t.Errorf("a later up: %+v", waited)
	}
}

// What the agents of another run, of another session or of an earlier start have said is not about this up.
func TestWaitIsNotToldOfOthers(t *testing.T) {
	before := ours(healthy("web"))
	before.Updated = time.Now().Add(-time.Second)
	other := healthy("web")
	other.Session = "other.dagger.local"
	for what, status := range map[string]state.Status{"run": before, "session": other} {
		w := newWorld(t)
		w.begun("web")
		w.agent(status)
		w.waitsOn(what, WaitRequest{Services: []string{"web"}, Since: time.Now(), Timeout: time.Minute})
	}
	w := newWorld(t)
	w.begun("web")
	exited := ours(healthy("web"))
	exited.Phase = state.Exited
	w.agent(exited)()
	w.waitsOn("start", WaitRequest{Services: []string{"web"}, Since: time.Now(), Timeout: time.Minute})
}

// waitsOn: there is nothing to tell.
func (w world) waitsOn(what string, r WaitRequest) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 300*time.Millisecond)
	defer cancel()
	w.Session = thisSession
	waited, err := w.Wait(ctx, r)
	if !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("another %s: %+v, %v", what, waited, err)
	}
}

// A container that runs, or has run, without a word of its agent is not waited for longer than one that has not been
// made.
func TestWaitForASilentContainer(t *testing.T) {
	w := newWorld(t)
	w.begun("web", "built")
	r := WaitRequest{Services: []string{"built", "web"}, Since: time.Now(), Timeout: 100 * time.Millisecond}
	if waited := w.wait(r); waited.Failed != nil || len(waited.Healthy) != 0 {
		t.Errorf("nothing was made yet: %+v", waited)
	}
	r.Made = []string{"web"}
	if waited := w.wait(r); waited.Failed == nil || waited.Failed.Service != "web" {
		t.Errorf("web was made: %+v", waited)
	}
}

// Services may be healthy before the published ports are listened on: those are waited for, too.
func TestWaitForTheGateway(t *testing.T) {
	w := newWorld(t)
	before := time.Now()
	w.begun("web")
	w.agent(ours(healthy("web")))
	request := WaitRequest{Services: []string{"web"}, Since: time.Now(), Gather: time.Minute, Timeout: time.Minute, Publish: true, Publishes: true}
	w.waitsOn("gateway that has said nothing", request)
	for what, said := range map[string]state.Gateway{
		"session's gateway": {Session: "other.dagger.local", Updated: time.Now()},
		"run's gateway":     {Session: thisSession, Updated: before.Add(-time.Millisecond)},
	} {
		w.publishes(said)
		w.waitsOn(what, request)
	}
	w.publishes(state.Gateway{Session: thisSession, Updated: time.Now()})
	if waited := w.wait(request); !waited.Published || len(waited.Healthy) != 1 {
		t.Errorf("%+v", waited)
	}
	// Services are told of though it is not there yet, and it is told of alone.
	if err := w.State.ForgetGateway(thisSession); err != nil {
		t.Fatal(err)
	}
	request.Gather = 0
	if waited := w.wait(request); waited.Published || len(waited.Healthy) != 1 {
		t.Errorf("without a gateway: %+v", waited)
	}
	request.Services, request.Timeout = nil, time.Millisecond
	if _, err := w.Wait(w.Context(), request); err == nil {
		t.Error("a gateway that says nothing is no error")
	}
	request.Publishes = false // its container is not made yet
	if waited := w.wait(request); waited.Published {
		t.Errorf("%+v", waited)
	}
}

func (w world) publishes(said state.Gateway) {
	w.Helper()
	if err := w.State.WriteGateway(said); err != nil {
		w.Fatal(err)
	}
}
