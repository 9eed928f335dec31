package agent

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/state"
)

// end stops the service for good: gracefully, if it runs.
func (a *agent) end() (code int, last bool) {
	a.nextStart = nil
	if a.child == nil {
		return a.over(0)
	}
	a.intent = finish
	a.stop()
	return 0, false
}

// stop has the child end: after the commands that come before a stop, where somebody has asked for the stop.
func (a *agent) stop() {
	c := a.child
	if c.stopping {
		return
	}
	_ = a.thaw()
	c.stopping = true
	a.nextProbe = nil
	if commands := a.Service.Container.PreStop; len(commands) > 0 && a.intent != heal {
		a.runCommands(c, preStop, commands, a.Service.Process.Grace())
		return
	}
	a.askToStop()
}

// askToStop gives the child its grace.
func (a *agent) askToStop() {
	a.graceOver = time.After(a.Service.Process.Grace())
	signal := a.Service.Process.Signal()
	a.happened(state.EventKill, "signal", unix.SignalName(signal))
	if a.Service.Process.StopGroup {
		a.child.SignalGroup(signal)
	} else {
		a.child.Signal(signal)
	}
	// One that is suspended handles no signal: systemd, too, always adds this one (systemd.kill(5), KillSignal=).
	a.child.SignalGroup(syscall.SIGCONT)
}

func (a *agent) kill() {
	a.graceOver = nil
	a.child.forced = true
	a.happened(state.EventKill, "signal", unix.SignalName(unix.SIGKILL))
	a.log.Note(fmt.Sprintf("%s did not stop within %s: killed", a.Service.Name, a.Service.Process.Grace()))
	a.child.SignalGroup(syscall.SIGKILL)
}
