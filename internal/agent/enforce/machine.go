package enforce

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
)

// Machine is what there is to give out.
func Machine() spec.Limits {
	machine := spec.Limits{CPUs: float64(runtime.NumCPU())}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		machine.Memory = int64(info.Totalram) * int64(info.Unit)
	}
	if text, err := os.ReadFile("/proc/sys/kernel/pid_max"); err == nil {
		machine.Pids, _ = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	return machine
}

// Beyond says which limits are more than the machine has.
func Beyond(asked, machine spec.Limits) []string {
	var notes []string
	if machine.CPUs > 0 && asked.CPUs > machine.CPUs {
		notes = append(notes, fmt.Sprintf("cpus %s is more than the machine's %s: it bounds nothing",
			limits.Cores(asked.CPUs), limits.Cores(machine.CPUs)))
	}
	if machine.Memory > 0 && asked.Memory > machine.Memory {
		notes = append(notes, fmt.Sprintf("memory %s is more than the machine's %s: the machine runs out before the service",
			limits.Size(asked.Memory), limits.Size(machine.Memory)))
	}
	if machine.Pids > 0 && asked.Pids > machine.Pids {
		notes = append(notes, fmt.Sprintf("pids %d is more than the machine's %d: the machine runs out before the service",
			asked.Pids, machine.Pids))
	}
	return notes
}
