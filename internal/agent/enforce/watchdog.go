package enforce

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/opencontainers/cgroups"
	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// WatchEvery is how often a watched service is looked at: what it can be beyond its limit is what it can take in that
// time.
const WatchEvery = 100 * time.Millisecond

// watchdog looks at all processes below the agent, and says when they are beyond a limit. It bounds memory and the
// number of processes that way, and no CPU.
//
// RLIMIT_NPROC does not help: it counts the user's processes on the whole machine, and the backend's user is the
// frontend's, and perhaps the developer's.
type watchdog struct {
	limits atomic.Pointer[spec.Limits] // commands beside the service read them too
	peak   int64
	kills  int64
}

func newWatchdog() *watchdog {
	w := &watchdog{}
	w.limits.Store(&spec.Limits{})
	return w
}

func (w *watchdog) By() state.Enforcement { return state.ByWatchdog }

func (w *watchdog) Procs() []string { return nil }

// Rlimits stop one process that takes memory faster than the watchdog looks. RLIMIT_DATA counts what is mapped
// privately and writable, touched or not; twice the limit and a GiB leave room for the stacks of threads and the
// arenas of allocators.
func (w *watchdog) Rlimits() []process.Rlimit {
	memory := w.limits.Load().Memory
	if memory == 0 {
		return nil
	}
	return []process.Rlimit{{Resource: unix.RLIMIT_DATA, Soft: uint64(2*memory + 1<<30), Hard: uint64(2*memory + 1<<30)}}
}

func (w *watchdog) Set(limits spec.Limits) error {
	w.limits.Store(&limits)
	return nil
}

// Limits: nobody bounds the CPU.
func (w *watchdog) Limits() (spec.Limits, error) {
	bounded := *w.limits.Load()
	bounded.CPUs = 0
	return bounded, nil
}

func (w *watchdog) Close() error { return nil }

func (w *watchdog) Count() (Counters, error) {
	var reaped syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &reaped); err != nil {
		return Counters{}, err
	}
	c := Counters{OOMKills: w.kills, CPUTime: time.Duration(reaped.Utime.Nano() + reaped.Stime.Nano())}
	processes := process.Descendants(os.Getpid())
	for _, p := range processes {
		c.Pids += p.Threads
		c.CPUTime += p.CPUTime
	}
	c.Memory = memoryOf(processes)
	w.peak = max(w.peak, c.Memory)
	c.MemoryPeak = w.peak
	return c, nil
}

func (w *watchdog) Freeze(on bool) error { return hold(on) }

func (w *watchdog) Exceeded() string {
	limits := *w.limits.Load()
	if limits.Memory == 0 && limits.Pids == 0 {
		return ""
	}
	processes := process.Descendants(os.Getpid())
	var resident, pids int64
	for _, p := range processes {
		resident += p.RSS
		pids += p.Threads
	}
	if limits.Pids > 0 && pids > limits.Pids {
		return fmt.Sprintf("%d processes and threads (limit %d)", pids, limits.Pids)
	}
	// The sum counts shared pages once for each process: enough to see that all is well.
	if limits.Memory == 0 || resident <= limits.Memory {
		return ""
	}
	memory := memoryOf(processes)
	w.peak = max(w.peak, memory)
	if memory <= limits.Memory {
		return ""
	}
	w.kills++
	return OutOfMemory(memory, limits.Memory)
}

// memoryOf is what processes occupy together, shared pages once: their proportional set size, or what the container's
// cgroup says where the agent may not see that of another user's, or else more than they occupy.
func memoryOf(processes []process.Stat) (total int64) {
	var resident int64
	exact := true
	for _, p := range processes {
		resident += p.RSS
		pss, err := proportional(p.PID)
		if err != nil && p.RSS > 0 {
			exact = false
		}
		total += pss
	}
	if exact {
		return total
	}
	if container, err := containerMemory(); err == nil {
		return min(container, resident)
	}
	return resident
}

// proportional is a process' Pss.
func proportional(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		if _, gone := os.Stat(fmt.Sprintf("/proc/%d", pid)); gone != nil {
			return 0, nil
		}
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("Pss:")); ok {
			kilobytes, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, nil // a kernel thread, or one that is ending
}

// containerMemory is what the container's processes have that the kernel could not take back: not their file cache.
func containerMemory() (int64, error) {
	keys := []string{"anon", "shmem"}
	var folder string
	var err error
	if cgroups.IsCgroup2UnifiedMode() {
		folder, err = ownFolderV2()
	} else {
		folder, err = cgroups.GetOwnCgroupPath("memory")
		keys = []string{"total_rss", "total_shmem"}
	}
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(filepath.Join(folder, "memory.stat")); err != nil {
		return 0, err
	}
	var total int64
	for _, key := range keys {
		value, err := file{folder, "memory.stat", key}.read()
		if err != nil {
			return 0, err
		}
		total += value
	}
	return total, nil
}

// OutOfMemory says that a service was, in the words of its log.
func OutOfMemory(at, limit int64) string {
	if limit == 0 {
		return fmt.Sprintf("out of memory at %s (the machine's, there is no limit)", limits.Size(at))
	}
	return fmt.Sprintf("out of memory at %s (limit %s)", limits.Size(at), limits.Size(limit))
}
