// Package alone is for tests that make cgroups of version 2. There, a process must not share a cgroup with the children
// that it gives limits to: an agent moves all of its container's processes aside, and a test must not do that to its
// user's.
package alone

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/fs2"
)

// mark tells the tests that they are in a cgroup of their own already.
const mark = "STACK_TEST_ALONE"

// Run runs the test binary again, in a new cgroup with nothing else in it, as an agent's container is one, and returns
// its exit code. Where there is no need, or no right to, it does nothing.
func Run() (code int, done bool) {
	if os.Getuid() != 0 || !cgroups.IsCgroup2UnifiedMode() || os.Getenv(mark) != "" {
		return 0, false
	}
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return code, true
}

func run() (int, error) {
	folder := filepath.Join(fs2.UnifiedMountpoint, fmt.Sprintf("stack-test-%d", os.Getpid()))
	if err := os.Mkdir(folder, 0o755); err != nil {
		return 0, err
	}
	defer func() { _ = cgroups.RemovePath(folder) }()
	err := os.WriteFile(filepath.Join(fs2.UnifiedMountpoint, "cgroup.subtree_control"), []byte("+cpu +memory +pids"), 0)
	if err != nil {
		return 0, err
	}
	group, err := os.Open(folder)
	if err != nil {
		return 0, err
	}
	defer group.Close()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), mark+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(group.Fd())}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	_ = cmd.Wait() // the exit code is the answer
	return cmd.ProcessState.ExitCode(), nil
}
