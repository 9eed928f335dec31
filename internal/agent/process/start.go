package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"dagger/stack/internal/agent/boot"
)

// Command is what to run and what it may have.
type Command struct {
	Args    []string
	Env     []string
	Dir     string
	User    User
	Rights  Rights
	Confine Confinement
	Cgroups []string // cgroup.procs files that the process joins before anything else
	Rlimits []Rlimit

	Own    *Namespaces // nil: the process is in those of the agent, or of Beside
	Beside *Process    // one whose namespaces the process joins, if that one has any
	// Terminal: Stdin, Stdout and Stderr are a terminal, which the process controls.
	Terminal bool

	Stdin  *os.File // nil: /dev/null
	Stdout *os.File // nil: /dev/null
	Stderr *os.File // nil: /dev/null
	// Inherit are files that stay open in the process, under whatever numbers: locks that last as long as it lives.
	Inherit []*os.File
}

// Rlimit is a resource limit that the process begins with. The process cannot raise it beyond Hard.
type Rlimit struct {
	Resource   int // unix.RLIMIT_…
	Soft, Hard uint64
}

// joins tells whether the process joins another's namespaces.
func (cmd Command) joins() bool { return cmd.Beside != nil && cmd.Beside.namespaces != nil }

// initArg makes the binary be the init: see beInit.
const initArg = "exec"

// File descriptors of the init: its order, and where it says why it failed. The namespaces to join and the inherited files
// follow.
const (
	orderFD = 3 + iota
	failureFD
	firstInheritedFD
)

// Start runs a command. It returns when the command itself runs: an error is also what went wrong in the init
// between, e.g. a command that does not exist.
func (r *Reaper) Start(cmd Command) (*Process, error) {
	if len(cmd.Args) == 0 {
		return nil, errors.New("no command")
	}
	order, err := r.orderOf(cmd)
	if err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	orderRead, orderWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer orderRead.Close()
	defer orderWrite.Close()
	failureRead, failureWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer failureRead.Close()
	defer failureWrite.Close()

	files := []uintptr{fd(cmd.Stdin, null), fd(cmd.Stdout, null), fd(cmd.Stderr, null), orderRead.Fd(), failureWrite.Fd()}
	var beside handles
	if cmd.joins() {
		beside = cmd.Beside.namespaces
	}
	for _, file := range append(beside.files(), cmd.Inherit...) {
		files = append(files, file.Fd())
	}
	process, err := r.fork(files, cmd.Own, beside)
	if err != nil {
		return nil, fmt.Errorf("start the agent's own binary: %w", err)
	}
	failureWrite.Close()
	orderRead.Close()
	if cmd.Own != nil {
		err = r.hold(process)
	}
	if err == nil {
		_, err = orderWrite.Write(order)
	}
	orderWrite.Close()
	failure, readErr := io.ReadAll(failureRead)
	if len(failure) > 0 {
		<-process.exit
		return nil, errors.New(string(failure))
	}
	if err = errors.Join(err, readErr); err != nil {
		process.Signal(syscall.SIGKILL)
		<-process.exit
		return nil, fmt.Errorf("hand over the command: %w", err)
	}
	return process, nil
}

// fork starts the init, in new namespaces or beside others, or neither.
func (r *Reaper) fork(files []uintptr, own *Namespaces, beside handles) (*Process, error) {
	process := &Process{exit: make(chan Exit, 1)}
	sys := &syscall.SysProcAttr{Setsid: true}
	if own != nil {
		sys.Cloneflags = own.flags()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	err := beside.inside(func() (err error) {
		process.PID, err = syscall.ForkExec("/proc/self/exe", []string{boot.Name, initArg}, &syscall.ProcAttr{Env: []string{}, Files: files, Sys: sys})
		return err
	})
	if err != nil {
		return nil, err
	}
	r.running[process.PID] = process
	return process, nil
}

// hold keeps a process's new namespaces open for those that join them, as long as the process lives.
func (r *Reaper) hold(process *Process) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	process.namespaces, err = openHandles(process.PID)
	return err
}

func fd(file, fallback *os.File) uintptr {
	if file == nil {
		return fallback.Fd()
	}
	return file.Fd()
}
