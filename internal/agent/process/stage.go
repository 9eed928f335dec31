package process

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// order is what Start tells the stage. It goes through a pipe: an environment or an argument could be read by
// others, and the command's environment has secrets in it.
type order struct {
	Args    []string
	Env     []string
	Dir     string
	User    User
	Confine Confinement
	Filter  []byte
	Cgroups []string
	Rlimits []Rlimit
}

func (r *Reaper) orderOf(cmd Command) (text []byte, err error) {
	o := order{Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, User: cmd.User, Confine: cmd.Confine, Cgroups: cmd.Cgroups, Rlimits: cmd.Rlimits}
	if cmd.Confine.Seccomp {
		if o.Filter, err = r.filter(); err != nil {
			return nil, fmt.Errorf("seccomp profile: %w", err)
		}
	}
	return json.Marshal(o)
}

// IsStage tells whether the binary was started by Start.
func IsStage(args []string) bool { return len(args) > 1 && args[1] == stageArg }

// Stage is the step between fork and exec: the agent's own binary, in the new process, gives up all that the
// command may not have and then becomes the command. It is what runc calls init. It does not return.
func Stage() {
	// Capabilities and the filter belong to the thread; exec takes those of the thread that calls it.
	runtime.LockOSThread()
	failure := os.NewFile(failureFD, "failure")
	unix.CloseOnExec(failureFD)
	fmt.Fprint(failure, stage())
	os.Exit(127)
}

// stage returns only when it fails.
func stage() error {
	var o order
	pipe := os.NewFile(orderFD, "order")
	data, err := io.ReadAll(pipe)
	if err != nil {
		return err
	}
	pipe.Close()
	if err := json.Unmarshal(data, &o); err != nil {
		return err
	}
	for _, procs := range o.Cgroups {
		if err := os.WriteFile(procs, []byte("0"), 0); err != nil {
			return fmt.Errorf("join the cgroup: %w", err)
		}
	}
	for _, limit := range o.Rlimits {
		if err := unix.Setrlimit(limit.Resource, &unix.Rlimit{Cur: limit.Max, Max: limit.Max}); err != nil {
			return fmt.Errorf("set a resource limit: %w", err)
		}
	}
	if err := o.Confine.apply(o.User); err != nil {
		return err
	}
	if o.Dir != "" {
		if err := os.Chdir(o.Dir); err != nil {
			return fmt.Errorf("working directory: %w", err)
		}
	}
	path, err := lookPath(o.Args[0], o.Env)
	if err != nil {
		return err
	}
	// Last: what the filter allows is less than what the steps before need.
	if len(o.Filter) > 0 {
		if err := installFilter(o.Filter); err != nil {
			return fmt.Errorf("install the seccomp filter: %w", err)
		}
	}
	return fmt.Errorf("run %s: %w", path, syscall.Exec(path, o.Args, o.Env))
}

// lookPath finds a command by the PATH that it will have itself.
func lookPath(name string, env []string) (string, error) {
	os.Clearenv()
	for _, pair := range env {
		if value, ok := strings.CutPrefix(pair, "PATH="); ok {
			os.Setenv("PATH", value)
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("command %q: not found, or not executable by the service's user", name)
	}
	return path, nil
}
