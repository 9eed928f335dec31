// Package process starts commands with what they may have and no more, and reaps them and all that they leave
// behind.
package process

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Reaper starts processes and collects how they ended. The agent is the subreaper of all that its children start:
// a process that loses its parent becomes the agent's, is reaped here, and can be found and killed.
type Reaper struct {
	mu      sync.Mutex
	running map[int]*Process
	signals chan os.Signal
	filter  func(capabilities []string) ([]byte, error)
}

// NewReaper makes the calling process the reaper of its descendants. There is one in a process: it collects every
// child, also one that something else has started. filter is the seccomp filter of a process that may have those capabilities.
func NewReaper(filter func(capabilities []string) ([]byte, error)) (*Reaper, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("become a subreaper: %w", err)
	}
	r := &Reaper{running: map[int]*Process{}, signals: make(chan os.Signal, 1), filter: filter}
	signal.Notify(r.signals, syscall.SIGCHLD)
	go func() {
		for range r.signals {
			r.collect()
		}
	}()
	return r, nil
}

// Prepare has the filter of a command that may have those capabilities there when the command is started.
func (r *Reaper) Prepare(capabilities []string) {
	go func() { _, _ = r.filter(capabilities) }()
}

// collect reaps all that has ended. Signals are merged, so one of them can stand for many.
func (r *Reaper) collect() {
	for {
		// The lock keeps a process that ends at once from being reaped before Start has noted it.
		r.mu.Lock()
		var status syscall.WaitStatus
		var usage syscall.Rusage
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, &usage)
		process := r.running[pid]
		if pid > 0 {
			delete(r.running, pid)
		}
		r.mu.Unlock()
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		if process != nil {
			process.namespaces.Close()
			process.exit <- exitOf(status)
			close(process.exit)
		}
	}
}

// Process is a started command.
type Process struct {
	PID        int
	exit       chan Exit
	namespaces handles // nil: those of the agent
}

// Exit is how a process ended.
type Exit struct {
	Code   int            // 128 + n for signal n
	Signal syscall.Signal // 0 if it ended by itself
	Time   time.Time
}

func exitOf(status syscall.WaitStatus) Exit {
	if status.Signaled() {
		return Exit{Code: 128 + int(status.Signal()), Signal: status.Signal(), Time: time.Now()}
	}
	return Exit{Code: status.ExitStatus(), Time: time.Now()}
}

// Done delivers the one Exit and is closed after it.
func (p *Process) Done() <-chan Exit { return p.exit }

// Signal sends a signal to the process alone.
func (p *Process) Signal(sig syscall.Signal) error { return syscall.Kill(p.PID, sig) }

// SignalGroup sends a signal to the process and those of its children that stayed in its group. A process is the
// leader of a session and a group of its own.
func (p *Process) SignalGroup(sig syscall.Signal) error { return syscall.Kill(-p.PID, sig) }
