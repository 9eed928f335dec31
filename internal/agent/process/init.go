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

	"dagger/stack/internal/agent/boot"
)

// order is what Start tells the init. It goes through a pipe: an environment or an argument could be read by
// others, and the command's environment has secrets in it.
type order struct {
	Args     []string
	Env      []string
	Dir      string
	User     User
	Rights   Rights
	Confine  Confinement
	Filter   []byte
	Cgroups  []string
	Rlimits  []Rlimit
	Own      *Namespaces
	Join     int // number of the first file of the namespaces to join; 0: none
	Terminal bool
}

func (r *Reaper) orderOf(cmd Command) (text []byte, err error) {
	o := order{
		Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, User: cmd.User, Rights: cmd.Rights, Confine: cmd.Confine, Cgroups: cmd.Cgroups,
		Rlimits: cmd.Rlimits, Own: cmd.Own, Terminal: cmd.Terminal,
	}
	if cmd.joins() {
		o.Join = firstInheritedFD
	}
	if cmd.Confine.Seccomp {
		if o.Filter, err = r.filter(cmd.Rights.Capabilities); err != nil {
			return nil, fmt.Errorf("seccomp profile: %w", err)
		}
	}
	return json.Marshal(o)
}

// A process that Start has started goes no further than here. What the binary has beside this package, it does not initialise: this comes
// before packages that take ten times as long as all that is needed here, and each command and each probe would pay for them.
func init() {
	if boot.IsAgent() && len(os.Args) > 1 && os.Args[1] == initArg {
		beInit()
	}
}

// beInit is the step between fork and exec: the agent's own binary, in the new process, gives up all that the
// command may not have and then becomes the command. It is what runc calls init. It does not return.
func beInit() {
	// Capabilities and the filter belong to the thread; exec takes those of the thread that calls it.
	runtime.LockOSThread()
	failure := os.NewFile(failureFD, "failure")
	unix.CloseOnExec(failureFD)
	fmt.Fprint(failure, become(func() { failure.Close() }))
	os.Exit(127)
}

// become returns only if something has failed. started is called when a command runs that is not this process.
func become(started func()) error {
	o, err := readOrder()
	if err != nil {
		return err
	}
	for _, procs := range o.Cgroups {
		if err := os.WriteFile(procs, []byte("0"), 0); err != nil {
			return fmt.Errorf("join the cgroup: %w", err)
		}
	}
	if err := o.surround(); err != nil {
		return err
	}
	for _, limit := range o.Rlimits {
		if err := unix.Setrlimit(limit.Resource, &unix.Rlimit{Cur: limit.Soft, Max: limit.Hard}); err != nil {
			return fmt.Errorf("set a resource limit: %w", err)
		}
	}
	// A filter without no_new_privs takes a capability that is given up next.
	if o.Rights.NewPrivileges {
		if err := installFilter(o.Filter, true); err != nil {
			return fmt.Errorf("install the seccomp filter: %w", err)
		}
	}
	if err := o.Confine.apply(o.User, o.Rights); err != nil {
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
	if !o.Rights.NewPrivileges {
		if err := installFilter(o.Filter, false); err != nil {
			return fmt.Errorf("install the seccomp filter: %w", err)
		}
	}
	if o.Own != nil && o.Own.Init {
		err = reap(path, o.Args, o.Env, o.Terminal, started)
	} else {
		err = syscall.Exec(path, o.Args, o.Env)
	}
	return fmt.Errorf("run %s: %w%s", path, err, interpreter(path, err))
}

func readOrder() (o order, err error) {
	pipe := os.NewFile(orderFD, "order")
	defer pipe.Close()
	data, err := io.ReadAll(pipe)
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(data, &o)
}

// surround brings the process to where the command runs: into namespaces and under a terminal.
func (o order) surround() error {
	if o.Terminal {
		if err := controlTerminal(); err != nil {
			return err
		}
	}
	if o.Join != 0 {
		return join(o.Join)
	}
	if o.Own != nil {
		return o.Own.enter(o.Dir, o.Cgroups)
	}
	return nil
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
