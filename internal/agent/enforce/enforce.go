// Package enforce holds a service to its limits and measures what it uses: through a cgroup of the service's own where
// the agent can make one, and by watching it where it cannot.
//
// The cgroups are made and set by opencontainers/cgroups, which is runc's own. containerd/cgroups can do the same, and
// brings protobuf, an eBPF compiler and 5 MB more of a binary that every service's container gets.
package enforce

import (
	"time"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Enforcer holds one service's processes to limits.
type Enforcer interface {
	By() state.Enforcement
	// Procs are cgroup.procs files that every process of the service joins before it runs.
	Procs() []string
	// Rlimits are what every process of the service begins with.
	Rlimits() []process.Rlimit
	// Set puts limits in force; zero fields are unlimited.
	Set(spec.Limits) error
	// Limits are those in force, as far as the kernel keeps them read back from it.
	Limits() (spec.Limits, error)
	// Count says what was used up to now.
	Count() (Counters, error)
	// Exceeded says by what the service is beyond a limit that the kernel does not hold it to; empty: by nothing.
	Exceeded() string
	// Freeze holds all processes that have joined, or lets them go on.
	Freeze(on bool) error
	// Close removes what the enforcer has made. The service's processes have ended.
	Close() error
}

// Counters are what a service uses now and has used since the enforcer was opened.
type Counters struct {
	Memory       int64 // bytes, without file cache that the kernel would give back (docker stats' figure)
	MemoryPeak   int64 // the most there was, cache included
	CPUTime      time.Duration
	Periods      int64 // of the CPU's accounting, in which the service ran
	Throttled    int64 // those in which it had to wait
	Pids         int64
	OOMKills     int64
	ForksRefused int64
}

// Open makes a cgroup of that name below the agent's own. Where that cannot be done, or the name is empty, the service
// is watched instead, and why says what the kernel had against it.
func Open(name string) (enforcer Enforcer, why error) {
	if name == "" {
		return newWatchdog(), errNoName
	}
	group, err := open(name)
	if err != nil {
		return newWatchdog(), err
	}
	return group, nil
}
