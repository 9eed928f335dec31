//go:build root

package agent

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// What becomes of a service whose process ends, and whether the agent stays: the engine kills what depends on a container that
// ends.
func TestEnds(t *testing.T) {
	const counted = `echo run >>$D/runs; [ $(wc -l <$D/runs) -gt %d ] && exit 0; exit 6`
	for _, c := range []struct {
		name    string
		mode    spec.Mode
		text    string
		restart spec.Restart
		outcome state.Outcome
		phase   state.Phase
		code    int
		runs    int
		agent   int // its exit code; -1: it stays
	}{
		{"a container that has done its work", spec.ModeContainer, "exit 0", spec.Restart{Policy: spec.RestartNo, FirstStart: true}, state.Completed, state.Exited, 0, 1, -1},
		{"a container that fails", spec.ModeContainer, "exit 3", spec.Restart{Policy: spec.RestartNo, FirstStart: true}, state.Failed, state.Exited, 3, 1, -1},
		{"a container that is killed", spec.ModeContainer, "kill -9 $$", spec.Restart{Policy: spec.RestartNo, FirstStart: true}, state.Failed, state.Exited, 137, 1, -1},
		{"on-failure, in the end it works", spec.ModeContainer, fmt.Sprintf(counted, 2), spec.Restart{Policy: spec.RestartOnFailure, FirstStart: true}, state.Completed, state.Exited, 0, 3, -1},
		{"on-failure, three times", spec.ModeContainer, fmt.Sprintf(counted, 100), spec.Restart{Policy: spec.RestartOnFailure, MaxRetries: 2, FirstStart: true}, state.Failed, state.Exited, 6, 3, -1},
		{"a job", spec.ModeJob, "exit 0", spec.Restart{Policy: spec.RestartNo, FirstStart: true}, state.Completed, state.Exited, 0, 1, -1},
		{"a job that fails", spec.ModeJob, "exit 4", spec.Restart{Policy: spec.RestartNo, FirstStart: true}, state.Failed, state.Exited, 4, 1, 4},
		{"a job that is repeated", spec.ModeJob, fmt.Sprintf(counted, 1), spec.Restart{Policy: spec.RestartOnFailure, FirstStart: true}, state.Completed, state.Exited, 0, 2, -1},
		{"a service whose first start is repeated", spec.ModeService, fmt.Sprintf(counted, 100), spec.Restart{Policy: spec.RestartOnFailure, MaxRetries: 1, FirstStart: true}, state.Failed, state.Exited, 6, 2, 6},
		{"a service whose first start is not", spec.ModeService, fmt.Sprintf(counted, 100), spec.Restart{Policy: spec.RestartOnFailure}, state.Failed, state.Exited, 6, 1, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := c.text
			if !strings.Contains(text, "runs") {
				text = "echo run >>$D/runs; " + text
			}
			service := script(text)
			service.Mode, service.Restart = c.mode, c.restart
			service.Probe = &spec.Probe{Exec: []string{"false"}}
			r, at := newContainer(t, service)
			r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("D", at("")))
			r.prepare("chmod 777 .")
			s := r.start().untilOutcome(c.outcome)
			if s.Phase != c.phase || s.LastExit == nil || s.LastExit.Code != c.code || s.Restarts != c.runs-1 {
				t.Errorf("%+v %+v", s, s.LastExit)
			}
			if c.outcome == state.Completed && s.Health != state.Done {
				t.Errorf("health %s", s.Health)
			}
			if c.agent >= 0 {
				if code := r.exitCode(); code != c.agent {
					t.Errorf("the agent's exit code is %d", code)
				}
				return
			}
			time.Sleep(50 * time.Millisecond)
			if !r.folder.Alive() {
				t.Error("the agent has ended")
			}
			r.prepare(fmt.Sprintf("test $(wc -l <runs) = %d", c.runs))
		})
	}
}

// Docker repeats no start of a command that is not there.
func TestCommandThatIsNotThereIsNotRepeated(t *testing.T) {
	service := script("")
	service.Process.Command = []string{"/no/such/command"}
	service.Mode, service.Restart = spec.ModeContainer, spec.Restart{Policy: spec.RestartAlways, FirstStart: true}
	r, _ := newContainer(t, service)
	if s := r.start().untilOutcome(state.Failed); s.LastExit.Code != 127 || s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
}

// A container that has ended can be started again on request; what ends then has answered the request.
func TestRestartOfWhatHasEnded(t *testing.T) {
	for _, mode := range []spec.Mode{spec.ModeContainer, spec.ModeJob} {
		service := script("exit 0")
		service.Mode, service.Restart = mode, spec.Restart{Policy: spec.RestartNo, FirstStart: true}
		r, _ := newContainer(t, service)
		r.start().untilOutcome(state.Completed)
		var result protocol.RestartResult
		if err := r.ask(protocol.VerbRestart, &result); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		r.until("done again", func() bool { return r.status().Outcome() == state.Completed })
	}
}

// How a job has ended is in its status: the code, and how long it ran.
func TestEndOfAJob(t *testing.T) {
	for command, want := range map[string]struct {
		outcome state.Outcome
		code    int
		says    string
	}{
		"sleep 0.1; exit 0": {state.Completed, 0, "thing ended: exit code 0\n"},
		"sleep 0.1; exit 3": {state.Failed, 3, "thing ended: exit code 3\n"},
	} {
		service := script(command)
		service.Mode, service.Restart = spec.ModeJob, spec.Restart{Policy: spec.RestartNo}
		r, _ := newContainer(t, service)
		r.start().untilOutcome(want.outcome)
		if exit := r.status().LastExit; exit.Code != want.code || exit.Took <= 0 || !strings.Contains(r.logs(), want.says) {
			t.Errorf("%s: %+v; log %q", command, exit, r.logs())
		}
	}
}

// A job is not healthy before its end: nothing that needs its work may start.
func TestJobIsPendingWhileItRuns(t *testing.T) {
	service := script("echo up; exec sleep 60")
	service.Mode = spec.ModeJob
	r, _ := newContainer(t, service)
	r.start()
	r.until("up", func() bool { return strings.Contains(r.logs(), "up\n") })
	if s := r.status(); s.Outcome() != state.Pending {
		t.Errorf("%s: %+v", s.Outcome(), s)
	}
}

// When a service may start, by what it needs of another and what has become of that.
func TestConditions(t *testing.T) {
	stays := func(s state.Status) state.Status { s.Mode = spec.ModeContainer; return s }
	created := stays(state.Status{Phase: state.Created, Health: state.Starting})
	starting := stays(state.Status{Phase: state.Running, Health: state.Starting})
	posting := stays(state.Status{Phase: state.Running, Health: state.Starting, PostStarting: true})
	healthy := stays(state.Status{Phase: state.Running, Health: state.Healthy, Ready: 1})
	unhealthy := stays(state.Status{Phase: state.Running, Health: state.Unhealthy, Probes: []state.Result{{Output: "refused"}}})
	restarting := stays(state.Status{Phase: state.Restarting, Health: state.Starting, LastExit: &state.Exit{Code: 1}})
	done := stays(state.Status{Phase: state.Exited, Health: state.Done, LastExit: &state.Exit{}})
	doneAfterHealth := done
	doneAfterHealth.Ready = 1
	failed := stays(state.Status{Phase: state.Exited, Health: state.Unhealthy, LastExit: &state.Exit{Code: 3}})
	unmet := stays(state.Status{Phase: state.Created, Health: state.Unhealthy, Why: "db, which it needs, did not become healthy"})
	service := failed
	service.Mode = spec.ModeService
	for _, c := range []struct {
		name      string
		condition spec.Condition
		other     state.Status
		met       bool
		why       string
	}{
		{"created", spec.Started, created, false, ""},
		{"runs", spec.Started, starting, true, ""},
		{"its start goes on", spec.Started, posting, false, ""},
		{"between two", spec.Started, restarting, true, ""},
		{"was there", spec.Started, done, true, ""},
		{"was there and failed", spec.Started, failed, true, ""},
		{"never was there", spec.Started, unmet, false, "was not started: db, which it needs"},
		{"starts", spec.Healthy, starting, false, ""},
		{"healthy", spec.Healthy, healthy, true, ""},
		{"unhealthy", spec.Healthy, unhealthy, false, "did not become healthy: refused"},
		{"between two", spec.Healthy, restarting, false, ""},
		{"ended", spec.Healthy, failed, false, "did not become healthy: exit code 3"},
		{"ended well, never healthy", spec.Healthy, done, false, "did not become healthy: exit code 0"},
		{"was healthy and has done its work", spec.Healthy, doneAfterHealth, true, ""},
		{"of the up, which gives up itself", spec.Healthy, service, false, ""},
		{"runs", spec.Completed, healthy, false, ""},
		{"done", spec.Completed, done, true, ""},
		{"failed", spec.Completed, failed, false, "did not complete: exit code 3"},
		{"tries again", spec.Completed, restarting, false, ""},
		{"never was there", spec.Completed, unmet, false, "did not complete: db, which it needs"},
	} {
		stack := state.At(t.TempDir())
		if err := stack.Service("other").Create(); err != nil {
			t.Fatal(err)
		}
		lock, err := stack.Service("other").Lock()
		if err != nil {
			t.Fatal(err)
		}
		if err := stack.WriteRun(state.Run{Started: time.Now().Add(-time.Minute), Services: []string{"other", "thing"}}); err != nil {
			t.Fatal(err)
		}
		c.other.Updated = time.Now()
		if err := stack.Service("other").WriteStatus(c.other); err != nil {
			t.Fatal(err)
		}
		a := &agent{Config: Config{State: stack}}
		met, why := a.check(spec.Dependency{Service: "other", Condition: c.condition})
		if met != c.met || (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s, for %q: %t %q", c.name, c.condition, met, why)
		}
		if met, why := a.check(spec.Dependency{Service: "absent", Condition: c.condition, Optional: true}); !met || why != "" {
			t.Errorf("one that the stack does not have: %t %q", met, why)
		}
		lock.Close()
	}
}

// A service whose need has failed says why it was not started, and its agent stays: the failure is its own.
func TestNeedThatFailed(t *testing.T) {
	for _, optional := range []bool{false, true} {
		other := script("exit 3")
		other.Name, other.Mode, other.Restart.Policy = "other", spec.ModeContainer, spec.RestartNo
		o, _ := newContainer(t, other)
		o.start().untilOutcome(state.Failed)
		service := script("echo up; exec sleep 60")
		service.Mode = spec.ModeContainer
		service.DependsOn = []spec.Dependency{{Service: "other", Condition: spec.Completed, Optional: optional}}
		r := newTest(t, service)
		r.State, r.folder, r.Isolation = o.State, state.At(o.State).Service("thing"), o.Isolation
		r.start()
		if optional {
			r.untilHealthy()
			continue
		}
		s := r.untilOutcome(state.Failed)
		if s.Phase != state.Created || s.Why != "thing was not started: other, which it needs, did not complete: exit code 3" || s.Lacks != "other" || !r.folder.Alive() {
			t.Errorf("%+v", s)
		}
		if err := r.ask(protocol.VerbRestart, nil); err != nil { // who asks for it gets it all the same
			t.Error(err)
		}
		if s := r.untilHealthy(); s.Why+s.Lacks != "" {
			t.Errorf("%+v", s)
		}
	}
}

// An agent whose service has done its work ends when it is asked to.
func TestStopOfWhatHasEnded(t *testing.T) {
	service := script("exit 0")
	service.Mode = spec.ModeContainer
	r, _ := newContainer(t, service)
	r.start().untilOutcome(state.Completed)
	r.cmd.Process.Signal(syscall.SIGTERM)
	if code := r.exitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
