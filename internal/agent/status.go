package agent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// publish writes the status. A full volume must not stop the service: readers ask the agent then.
func (a *agent) publish() {
	err := a.write()
	if err != nil && !a.unwritten {
		fmt.Fprintf(a.Stderr, "[stack] status not written: %v\n", err)
		if errors.Is(err, fs.ErrNotExist) {
			a.abandoned()
		}
	}
	a.unwritten = err != nil
}

// abandoned ends an agent whose stack's volume is gone. An engine whose runc has died takes a container's mounts and network away, and forgets it:
// nobody could reach the agent any more, and its locks would keep the next one from the data.
func (a *agent) abandoned() {
	select {
	case a.signals <- syscall.SIGTERM:
	default: // one is there already
	}
}

func (a *agent) write() error {
	a.status.Updated = time.Now()
	if a.log != nil { // not before the agent is prepared
		a.status.Counts.LogLines, a.status.Counts.LogBytes = a.log.Captured()
	}
	return a.folder.WriteStatus(a.status)
}

// tellStatus answers at once, whatever else goes on, with what could not be written.
func (a *agent) tellStatus(request *socket.Request) {
	if request.Take() {
		text, err := json.Marshal(a.status) // before the loop changes it
		a.reply(request, json.RawMessage(text), err)
	}
}

// cli is the command by which a user calls a function of the stack that the service is of.
func (a *agent) cli(call string) string {
	run, _ := a.State.Run() // none: nobody has named it
	return protocol.CLI(run.Stack, call)
}

// quiet is the share of a core below which a service does nothing: its server's own timers, and the probes.
const quiet = 0.01

// report shows that the agent lives, and what the service uses.
func (a *agent) report() {
	a.measure()
	a.publish()
	a.heartbeat.Reset(a.interval())
}

// interval is the time to the next heartbeat. Most services of most stacks do nothing most of the time, and a heartbeat is
// nearly all that an agent then costs.
func (a *agent) interval() time.Duration {
	outcome := a.status.Outcome()
	settled := (outcome == state.Ready && a.status.Streak == 0 || outcome == state.Completed) && a.restart == nil && a.job == nil
	if settled && a.status.Usage != nil && a.status.Usage.CPUs < quiet {
		return state.QuietHeartbeat
	}
	return state.Heartbeat
}

// healthy: what a first success settles.
func (a *agent) healthy() {
	a.prove()
	a.mending = false
	a.status.Health, a.status.Hint = state.Healthy, ""
	a.learnReloads()
	if a.status.Ready == 0 {
		a.status.Ready = spec.Duration(time.Since(a.child.started))
	}
	a.publish() // before anybody is told that it is
	a.finishRestart()
}

// prove: the service has worked once, so what it has made is whole.
func (a *agent) prove() {
	if !a.proven {
		a.proven = true
		a.settleData()
	}
}

// unhealthy: three failures in a row by default.
func (a *agent) unhealthy() {
	last := a.status.Probes[len(a.status.Probes)-1]
	a.log.Note(fmt.Sprintf("%s is unhealthy after %d failed probes: %s", a.Service.Name, a.status.Streak, last.Output))
	if !a.proven && last.Timeout == 0 && a.status.Hint == "" {
		a.status.Hint = fmt.Sprintf("it had %s to start; with-health --service %s --start-period 5m gives it longer",
			spec.Duration(a.child.machine.StartPeriod).Roughly(), cmp.Or(a.Service.InstanceOf, a.Service.Name))
		a.log.Note(a.status.Hint)
	}
	if a.Service.Restart.OnUnhealthy && a.proven {
		a.intent = heal
		a.stop()
	}
}
