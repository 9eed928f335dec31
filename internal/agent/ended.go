package agent

import (
	"cmp"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// ended decides what follows the end of a process, or of the attempt to start one: why is why there was none. last: the agent ends
// too, with that code.
func (a *agent) ended(exit process.Exit, why string) (code int, last bool) {
	var uptime time.Duration
	forced, ran := false, a.child != nil
	_ = a.thaw()
	if c := a.child; c != nil {
		uptime, forced = exit.Time.Sub(c.started), c.forced
		a.child, a.graceOver, a.nextProbe = nil, nil, nil
		why = cmp.Or(a.reason(exit), a.background(exit))
		a.reaper.KillAll()
		c.closeStdin()
		waitFor(&c.output, outputTimeout)
		select {
		case hint := <-a.denials.heard:
			a.denied(hint)
		default:
		}
	}
	a.status.PID, a.status.PostStarting = 0, false
	a.status.LastExit = &state.Exit{
		Code: exit.Code, Signal: unix.SignalName(exit.Signal), Reason: a.redact(why), Time: exit.Time, Forced: forced, Took: spec.Duration(uptime),
	}
	if ran {
		a.died(*a.status.LastExit)
		if a.intent == finish || a.intent == again {
			a.happened(state.EventStop)
		}
	}
	how := cmp.Or(why, describe(exit))
	if exit.Code == 0 && why != "" {
		exit.Code = 1 // whatever the process has said of itself
	}

	intent := a.intent
	a.intent = keep
	switch {
	case intent == again:
		return a.start()
	case intent == replace:
		a.runJob()
		return 0, false
	case intent == finish:
		return a.over(exit.Code)
	case intent != heal && !a.wanted(exit, ran):
		return a.settle(exit, how)
	}
	wait := a.backoff.next(uptime)
	a.failRestart(fmt.Sprintf("the new process ended before it was healthy: %s; it is started again until it works, as its restart policy says: %s waits for that",
		how, a.cli("health --wait 60s")))
	a.log.Note(fmt.Sprintf("%s ended: %s; starting it again in %s", a.Service.Name, how, wait.Round(time.Millisecond)))
	a.status.Phase, a.status.Health = state.Restarting, state.Starting
	a.status.Restarts++
	a.nextStart = time.After(wait)
	a.publish()
	return 0, false
}

// wanted tells whether the restart policy wants another process after one that has ended by itself. A first start that fails
// fails the up that waits for it, unless the policy counts from there on: trying on would only hide why. Docker does not
// repeat the start of a command that cannot be run.
func (a *agent) wanted(exit process.Exit, ran bool) bool {
	if !a.proven && !(a.Service.Restart.FirstStart && ran) {
		return false
	}
	return a.Service.Restart.Wants(exit.Code, a.status.Restarts)
}

// settle is what a service comes to that is not started again.
func (a *agent) settle(exit process.Exit, how string) (code int, last bool) {
	done := a.status.Done()
	switch {
	case !done && !a.proven && a.Service.Mode != spec.ModeJob:
		how = fmt.Sprintf("%s ended before it was healthy: %s", a.Service.Name, how)
	default:
		how = fmt.Sprintf("%s ended: %s", a.Service.Name, how)
	}
	a.log.Note(how)
	a.status.Phase, a.status.Health = state.Exited, state.Unhealthy
	switch {
	case done:
		a.status.Health = state.Done
		a.noteDone(exit.Time)
		a.prove()
		a.publish()
		a.finishRestart()
		return 0, false
	case a.Service.Mode == spec.ModeService && a.proven && exit.Code == 0, a.status.Alone():
		// A service that is done stays as it is, and its agent with it: the engine kills what depends on a
		// container that ends.
		a.failRestart(how)
		a.publish()
		return 0, false
	}
	a.failRestart(how)
	return a.over(exit.Code)
}

// over is the end of the agent.
func (a *agent) over(code int) (int, bool) {
	a.status.Phase, a.status.Health = state.Exited, state.Unhealthy
	a.publish()
	return code, true
}

// background is why a service has ended that has left its work to processes of its own. They are killed with it: nobody could say
// whether they work, or end them.
func (a *agent) background(exit process.Exit) string {
	left := a.reaper.Left()
	if exit.Code != 0 || left == 0 || a.Service.Mode != spec.ModeService || a.intent != keep {
		return ""
	}
	return fmt.Sprintf("exit code 0, and %s of it went on in the background: make the command stay in the foreground (no -D, --daemon or \"&\")", processes(int64(left)))
}

func describe(exit process.Exit) string {
	if exit.Signal != 0 {
		return fmt.Sprintf("killed by %s", unix.SignalName(exit.Signal))
	}
	return fmt.Sprintf("exit code %d", exit.Code)
}
