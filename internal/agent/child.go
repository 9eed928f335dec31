package agent

import (
	"errors"
	"fmt"
	"os"
	"sync"
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
	started  time.Time
	probe    probe.Func // nil: counts as healthy while it runs
	machine  *probe.Machine
	output   sync.WaitGroup
	stdin    *os.File  // kept open for a process that reads it
	stopping bool      // it was asked to stop, or is about to be
	forced   bool      // it did not stop when it was asked to
	asking   bool      // a probe runs
	paused   bool      // the kernel holds it
	thawed   time.Time // when it went on after that, last
}

// pipeSize lets a child that prints in bursts run ahead of the log. 1 MiB is what an unprivileged user may ask for
// (pipe(7), pipe-max-size).
const pipeSize = 1 << 20

// outputTimeout is how long the agent waits for the end of a dead child's output. It comes at once, unless a
// process that escaped the agent's eyes still holds the pipe.
const outputTimeout = 2 * time.Second

// start begins a new process. One that cannot be started has ended with exit code 127, as a shell says it.
func (a *agent) start() (code int, last bool) {
	a.nextStart = nil
	a.status.Why, a.status.Lacks, a.status.Hint, a.status.Skipped = "", "", "", ""
	a.denials.forget()
	if err := a.launch(); err != nil {
		return a.ended(process.Exit{Code: 127, Time: time.Now()}, fmt.Sprintf("it cannot be started: %v", err))
	}
	a.publish()
	return 0, false
}

// firstStart is the one that waited for what the service needs. A request may have been before it.
func (a *agent) firstStart(err error) (code int, last bool) {
	switch {
	case a.child != nil:
		return 0, false
	case err == nil:
		if why := a.unneeded(); why != "" {
			a.skip(why)
			return 0, false
		}
		return a.start()
	}
	a.log.Note(err.Error())
	a.status.Why = err.Error()
	var lack lackError
	if errors.As(err, &lack) {
		a.status.Lacks = lack.need
	}
	if !a.status.Alone() {
		return a.over(1)
	}
	a.status.Health = state.Unhealthy
	a.publish()
	return 0, false
}

func (a *agent) launch() error {
	// Whatever the last one left running may still write to the data.
	if !a.reaper.KillAll() {
		return errors.New("a process of the one before cannot be killed")
	}
	env, err := a.beforeStart()
	if err != nil {
		return err
	}
	c := &child{}
	if c.probe, err = a.newProbe(c); err != nil {
		return err
	}
	args, err := a.arguments()
	if err != nil {
		return err
	}
	cmd, err := a.command(nil, args, env)
	if err != nil {
		return err
	}
	streams, err := a.connect(c, &cmd)
	if err != nil {
		return err
	}
	cmd.Inherit = a.locks
	c.started = time.Now() // before it can have printed anything: what has been printed since then is its own
	c.Process, err = a.reaper.Start(cmd)
	for _, stream := range streams {
		stream.Close()
	}
	if err != nil {
		c.closeStdin()
		return err
	}
	a.child = c
	a.status.Phase, a.status.PID, a.status.Started, a.status.Ready = state.Running, c.PID, c.started, 0
	a.status.Privileges, _ = readPrivileges(c.PID) // none: it has ended already
	a.happened(state.EventStart)
	a.beginHealth()
	return nil
}

// connect has what the process prints in the log. streams are the process's ends, for the agent to close.
func (a *agent) connect(c *child, cmd *process.Command) (streams []*os.File, err error) {
	if a.Service.Container.TTY {
		output, terminal, err := process.OpenTerminal(a.user)
		if err != nil {
			return nil, err
		}
		a.keep(c, logstore.Stdout, output)
		cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Terminal = terminal, terminal, terminal, true
		return []*os.File{terminal}, nil
	}
	for _, stream := range []struct {
		name logstore.Stream
		to   **os.File
	}{{logstore.Stdout, &cmd.Stdout}, {logstore.Stderr, &cmd.Stderr}} {
		read, write, err := os.Pipe()
		if err != nil {
			return streams, err
		}
		_, _ = unix.FcntlInt(write.Fd(), unix.F_SETPIPE_SZ, pipeSize)
		a.keep(c, stream.name, read)
		*stream.to = write
		streams = append(streams, write)
	}
	if a.Service.Container.StdinOpen {
		if cmd.Stdin, c.stdin, err = os.Pipe(); err != nil {
			return streams, err
		}
		streams = append(streams, cmd.Stdin)
	}
	return streams, nil
}

func (a *agent) keep(c *child, stream logstore.Stream, from *os.File) {
	c.output.Go(func() {
		defer from.Close()
		_ = a.log.Copy(stream, from) // the log itself says what it could not keep
	})
}

func (c *child) closeStdin() {
	if c.stdin != nil {
		c.stdin.Close()
	}
}

// command is one that runs as the service does: its process, and whatever is run beside it, with no more rights and
// within the same limits. It joins the namespaces of the process that it is beside; beside none, it gets new ones.
func (a *agent) command(beside *child, args, env []string) (process.Command, error) {
	rlimits, err := a.rlimits()
	cmd := process.Command{
		Args: args, Dir: a.Service.Process.Workdir, Env: env, User: a.user, Rights: a.rights(), Confine: a.Confine,
		Cgroups: a.enforcer.Procs(), Rlimits: rlimits,
	}
	if beside != nil {
		cmd.Beside = beside.Process
	} else {
		cmd.Own = a.namespaces()
	}
	return cmd, err
}

func (a *agent) childDone() <-chan process.Exit {
	if a.child == nil {
		return nil
	}
	return a.child.Done()
}

func waitFor(group *sync.WaitGroup, timeout time.Duration) {
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(timeout):
	}
}
