package agent

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/probe"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// child is one process of the service, from its start to its end.
type child struct {
	*process.Process
	started time.Time
	probe   probe.Func // nil: counts as healthy while it runs
	machine *probe.Machine
	output  sync.WaitGroup
	forced  bool // it did not stop when it was asked to
}

// pipeSize lets a child that prints in bursts run ahead of the log. 1 MiB is what an unprivileged user may ask for
// (pipe(7), pipe-max-size).
const pipeSize = 1 << 20

// outputPatience is how long the agent waits for the end of a dead child's output. It comes at once, unless a
// process that escaped the agent's eyes still holds the pipe.
const outputPatience = 2 * time.Second

// start begins a new process. One that cannot be started has ended with exit code 127, as a shell says it.
func (a *agent) start() (code int, last bool) {
	a.nextStart = nil
	if err := a.launch(); err != nil {
		a.log.Note(fmt.Sprintf("cannot start %s: %v", a.Service.Name, err))
		return a.ended(process.Exit{Code: 127, Time: time.Now()})
	}
	a.publish()
	return 0, false
}

// firstStart is the one that waited for what the service needs. A request may have been before it.
func (a *agent) firstStart(err error) (code int, last bool) {
	switch {
	case a.child != nil:
		return 0, false
	case err != nil:
		a.log.Note(err.Error())
		return a.over(1)
	}
	return a.start()
}

func (a *agent) launch() error {
	// Whatever the last one left running may still write to the data.
	if !a.reaper.KillAll() {
		return errors.New("a process of the one before cannot be killed")
	}
	a.writeHosts()
	env, err := a.beforeStart()
	if err != nil {
		return err
	}
	c := &child{}
	if c.probe, err = a.newProbe(); err != nil {
		return err
	}
	outputs := map[logstore.Stream]*os.File{}
	for _, stream := range []logstore.Stream{logstore.Stdout, logstore.Stderr} {
		read, write, err := os.Pipe()
		if err != nil {
			return err
		}
		defer write.Close()
		_, _ = unix.FcntlInt(write.Fd(), unix.F_SETPIPE_SZ, pipeSize)
		outputs[stream] = write
		c.output.Go(func() {
			defer read.Close()
			_ = a.log.Copy(stream, read) // the log itself says what it could not keep
		})
	}
	args, err := a.arguments()
	if err != nil {
		return err
	}
	cmd := a.command(args, env)
	cmd.Stdout, cmd.Stderr, cmd.Inherit = outputs[logstore.Stdout], outputs[logstore.Stderr], a.locks
	if c.Process, err = a.reaper.Start(cmd); err != nil {
		return err
	}
	c.started = time.Now()
	a.child = c
	a.status.Phase, a.status.PID, a.status.Started, a.status.Ready = state.Running, c.PID, c.started, 0
	a.status.Privileges, _ = readPrivileges(c.PID) // none: it has ended already
	a.beginHealth()
	return nil
}

// command is one that runs as the service does: its process, and whatever is run beside it, with no more rights and
// within the same limits.
func (a *agent) command(args, env []string) process.Command {
	return process.Command{
		Args: args, Dir: a.Service.Process.Workdir, Env: env, User: a.user, Confine: a.Confine,
		Cgroups: a.enforcer.Procs(), Rlimits: a.enforcer.Rlimits(),
	}
}

func (a *agent) childDone() <-chan process.Exit {
	if a.child == nil {
		return nil
	}
	return a.child.Done()
}

// ended decides what follows the end of a process. last: the agent ends too, with that code.
func (a *agent) ended(exit process.Exit) (code int, last bool) {
	var uptime time.Duration
	forced := false
	if c := a.child; c != nil {
		uptime, forced = exit.Time.Sub(c.started), c.forced
		a.child, a.graceOver, a.nextProbe = nil, nil, nil
		a.reaper.KillAll()
		waitFor(&c.output, outputPatience)
	}
	a.status.PID = 0
	a.status.LastExit = &state.Exit{
		Code: exit.Code, Signal: unix.SignalName(exit.Signal), Reason: a.reason(exit), Time: exit.Time, Forced: forced,
	}
	how := describe(exit)
	if reason := a.status.LastExit.Reason; reason != "" {
		how = reason
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
	case !a.proven:
		// A first start that fails fails the up that waits for it; trying on would only hide why.
		a.log.Note(fmt.Sprintf("%s ended before it was healthy: %s", a.Service.Name, how))
		return a.over(exit.Code)
	}
	a.failRestart(fmt.Sprintf("the new process ended before it was healthy: %s", how))
	if intent != heal && !a.Service.Restart.Wants(exit.Code) {
		a.log.Note(fmt.Sprintf("%s ended: %s", a.Service.Name, how))
		if exit.Code != 0 {
			return a.over(exit.Code)
		}
		// A service that is done stays as it is, and its agent with it: the engine kills what depends on a
		// container that ends.
		a.status.Phase, a.status.Health = state.Exited, state.Unhealthy
		a.publish()
		return 0, false
	}
	wait := a.backoff.next(uptime)
	a.log.Note(fmt.Sprintf("%s ended: %s; starting it again in %s", a.Service.Name, how, wait.Round(time.Millisecond)))
	a.status.Phase, a.status.Health = state.Restarting, state.Starting
	a.status.Restarts++
	a.nextStart = time.After(wait)
	a.publish()
	return 0, false
}

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

// over is the end of the agent.
func (a *agent) over(code int) (int, bool) {
	a.status.Phase, a.status.Health = state.Exited, state.Unhealthy
	a.publish()
	return code, true
}

// stop asks the child to end and gives it its grace.
func (a *agent) stop() {
	if a.graceOver != nil {
		return // already asked
	}
	a.nextProbe = nil
	a.graceOver = time.After(a.Service.Process.Grace())
	signal := a.Service.Process.Signal()
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
	a.log.Note(fmt.Sprintf("%s did not stop within %s: killed", a.Service.Name, a.Service.Process.Grace()))
	a.child.SignalGroup(syscall.SIGKILL)
}

func describe(exit process.Exit) string {
	if exit.Signal != 0 {
		return fmt.Sprintf("killed by %s", unix.SignalName(exit.Signal))
	}
	return fmt.Sprintf("exit code %d", exit.Code)
}

func waitFor(group *sync.WaitGroup, patience time.Duration) {
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
	}
}
