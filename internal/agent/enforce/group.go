package enforce

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/fscommon"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

var errNoName = errors.New("no cgroup was asked for")

// cpuPeriod is the kernel's default (Documentation/scheduler/sched-bwc.rst).
const cpuPeriod = 100 * time.Millisecond

// group is a cgroup of the service's own: one folder in version 2, one in each controller's hierarchy in version 1.
type group struct {
	manager manager
	files   files
	folders []string // all of them, each once
	atOpen  Counters // what a group of an agent before has counted
}

// manager is what both versions of runc's library have.
type manager interface {
	Set(*cgroups.Resources) error
	Freeze(cgroups.FreezerState) error
	Destroy() error
}

// file is one file of a cgroup, and the key of a value in it, if it has several.
type file struct{ folder, name, key string }

// files say where the two versions keep the same things.
type files struct {
	usage, peak, inactive, oomKills file
	periods, throttled, cpuTime     file
	pids, forksRefused              file
	limit, pidsLimit                file
	cpuTimeUnit                     time.Duration
	cpuLimit                        func() (float64, error)
	resources                       func(*cgroups.Resources)
}

func open(name string) (*group, error) {
	g, err := openVersion(name)
	if err != nil {
		return nil, err
	}
	if g.atOpen, err = g.count(); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func openVersion(name string) (*group, error) {
	if cgroups.IsCgroup2UnifiedMode() {
		return openV2(name)
	}
	return openV1(name)
}

func (g *group) By() state.Enforcement { return state.ByKernel }

func (g *group) Procs() []string {
	var procs []string
	for _, folder := range g.folders {
		procs = append(procs, filepath.Join(folder, "cgroup.procs"))
	}
	return procs
}

func (g *group) Rlimits() []process.Rlimit { return nil }

func (g *group) Exceeded() string { return "" }

// Freeze: version 1 holds processes so that not even SIGKILL ends them, and that is how the engine ends a session.
func (g *group) Freeze(on bool) error {
	switch {
	case !cgroups.IsCgroup2UnifiedMode():
		return hold(on)
	case on:
		return g.manager.Freeze(cgroups.Frozen)
	}
	return g.manager.Freeze(cgroups.Thawed)
}

func (g *group) Close() error { return g.manager.Destroy() }

// Set: no swap beyond the memory. The kernel's own words for limits that are gone are -1.
func (g *group) Set(limits spec.Limits) error {
	pids := int64(-1)
	if limits.Pids > 0 {
		pids = limits.Pids
	}
	r := &cgroups.Resources{Memory: -1, CpuQuota: -1, CpuPeriod: uint64(cpuPeriod.Microseconds()), PidsLimit: &pids}
	if limits.Memory > 0 {
		r.Memory = limits.Memory
	}
	if limits.CPUs > 0 {
		r.CpuQuota = int64(limits.CPUs * float64(cpuPeriod.Microseconds()))
	}
	g.files.resources(r)
	return g.manager.Set(r)
}

func (g *group) Limits() (limits spec.Limits, err error) {
	if limits.CPUs, err = g.files.cpuLimit(); err != nil {
		return limits, err
	}
	if limits.Memory, err = g.files.limit.read(); err != nil {
		return limits, err
	}
	// Version 1 says "unlimited" as the highest number of whole pages.
	if limits.Memory >= 1<<62 {
		limits.Memory = 0
	}
	limits.Pids, err = g.files.pidsLimit.read()
	return limits, err
}

// Count leaves out what was counted before the group was opened, except for the peak, which the kernel keeps.
func (g *group) Count() (Counters, error) {
	c, err := g.count()
	c.CPUTime -= g.atOpen.CPUTime
	c.Periods -= g.atOpen.Periods
	c.Throttled -= g.atOpen.Throttled
	c.OOMKills -= g.atOpen.OOMKills
	c.ForksRefused -= g.atOpen.ForksRefused
	return c, err
}

func (g *group) count() (c Counters, err error) {
	var inactive, cpuTime int64
	for _, value := range []struct {
		file file
		to   *int64
	}{
		{g.files.usage, &c.Memory}, {g.files.peak, &c.MemoryPeak}, {g.files.inactive, &inactive}, {g.files.oomKills, &c.OOMKills},
		{g.files.periods, &c.Periods}, {g.files.throttled, &c.Throttled}, {g.files.cpuTime, &cpuTime},
		{g.files.pids, &c.Pids}, {g.files.forksRefused, &c.ForksRefused},
	} {
		// An older kernel lacks some: memory.peak is there since 5.19, memory.oom_control's count since 4.13.
		if *value.to, err = value.file.read(); err != nil && !errors.Is(err, os.ErrNotExist) {
			return c, err
		}
	}
	c.Memory = max(0, c.Memory-inactive)
	c.MemoryPeak = max(c.MemoryPeak, c.Memory)
	c.CPUTime = time.Duration(cpuTime) * g.files.cpuTimeUnit
	return c, nil
}

// read is the file's number; "max", and a key that is not there, is 0.
func (f file) read() (int64, error) {
	var n uint64
	var err error
	if f.key != "" {
		n, err = fscommon.GetValueByKey(f.folder, f.name, f.key)
	} else {
		n, err = fscommon.GetCgroupParamUint(f.folder, f.name)
	}
	if err != nil {
		return 0, fmt.Errorf("cgroup: %w", err)
	}
	if n == ^uint64(0) {
		return 0, nil
	}
	return int64(n), nil
}

func unique(folders []string) []string {
	slices.Sort(folders)
	return slices.Compact(folders)
}
