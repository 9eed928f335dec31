package enforce

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/opencontainers/cgroups/fs2"
)

// alone runs the tests in a cgroup with nothing else in it, as an agent's container is one.
func alone() int {
	folder := filepath.Join(fs2.UnifiedMountpoint, fmt.Sprintf("stack-test-%d", os.Getpid()))
	if err := os.Mkdir(folder, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		os.Remove(filepath.Join(folder, agentLeaf))
		os.Remove(folder)
	}()
	os.WriteFile(filepath.Join(fs2.UnifiedMountpoint, "cgroup.subtree_control"), []byte("+cpu +memory +pids"), 0)
	file, err := os.Open(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer file.Close()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), aloneInGroup+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(file.Fd())}
	cmd.Run()
	return cmd.ProcessState.ExitCode()
}
