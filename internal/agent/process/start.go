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
	Confine Confinement
	Cgroups []string // cgroup.procs files that the process joins before anything else
	Rlimits []Rlimit

	Stdin  *os.File // nil: /dev/null
	Stdout *os.File // nil: /dev/null
	Stderr *os.File // nil: /dev/null
	// Inherit are files that stay open in the process, under whatever numbers: locks that last as long as it lives.
	Inherit []*os.File
}

// Rlimit is a resource limit that the process begins with and cannot raise.
type Rlimit struct {
	Resource int // unix.RLIMIT_…
	Max      uint64
}

// stageArg makes the binary run Stage: see there.
const stageArg = "exec"

// File descriptors of the stage: its order, and where it says why it failed. The inherited files follow.
const (
	orderFD = 3 + iota
	failureFD
	firstInheritedFD
)

// Start runs a command. It returns when the command itself runs: an error is also what went wrong in the stage
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
	for _, file := range cmd.Inherit {
		files = append(files, file.Fd())
	}
	process := &Process{exit: make(chan Exit, 1)}
	r.mu.Lock()
	process.PID, err = syscall.ForkExec("/proc/self/exe", []string{boot.Name, stageArg}, &syscall.ProcAttr{
		Env:   []string{},
		Files: files,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err == nil {
		r.running[process.PID] = process
	}
	r.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("start the agent's own binary: %w", err)
	}
	failureWrite.Close()
	orderRead.Close()
	_, err = orderWrite.Write(order)
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

func fd(file, fallback *os.File) uintptr {
	if file == nil {
		return fallback.Fd()
	}
	return file.Fd()
}
