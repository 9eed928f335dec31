package enforce

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/sys/mountinfo"
	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/fs2"
)

// agentLeaf is where the agent goes, and whatever else is in its cgroup: one that has controllers for its children
// must hold no process itself (Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint").
const agentLeaf = "stack-agent"

var controllersV2 = []string{"cpu", "memory", "pids"}

// openV2 makes the group below the agent's own, and moves the agent out of its way.
func openV2(name string) (*group, error) {
	own, err := ownFolderV2()
	if err != nil {
		return nil, err
	}
	if filepath.Base(own) == agentLeaf {
		own = filepath.Dir(own)
	}
	if err := delegateV2(own); err != nil {
		return nil, err
	}
	folder := filepath.Join(own, name)
	if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	// Of a group that is killed as a whole, the kernel counts the process that it chose twice (seen with 6.1). The groups
	// have a count of their own since 5.17.
	oomKills := "oom_kill"
	if events, err := cgroups.ReadFile(folder, "memory.events"); err == nil && strings.Contains(events, "oom_group_kill") {
		oomKills = "oom_group_kill"
	}
	manager, err := fs2.NewManager(&cgroups.Cgroup{Resources: &cgroups.Resources{}}, folder)
	if err != nil {
		return nil, err
	}
	return &group{
		manager: manager,
		folders: []string{folder},
		files: files{
			usage:        file{folder, "memory.current", ""},
			peak:         file{folder, "memory.peak", ""},
			inactive:     file{folder, "memory.stat", "inactive_file"},
			oomKills:     file{folder, "memory.events", oomKills},
			limit:        file{folder, "memory.max", ""},
			periods:      file{folder, "cpu.stat", "nr_periods"},
			throttled:    file{folder, "cpu.stat", "nr_throttled"},
			cpuTime:      file{folder, "cpu.stat", "usage_usec"},
			cpuTimeUnit:  time.Microsecond,
			pids:         file{folder, "pids.current", ""},
			pidsLimit:    file{folder, "pids.max", ""},
			forksRefused: file{folder, "pids.events", "max"},
			cpuLimit:     func() (float64, error) { return cpuLimitV2(folder) },
			resources: func(r *cgroups.Resources) {
				r.MemorySwap = r.Memory // the library's word for memory.swap.max 0
				// All or nothing: what is left of a service that lost one process is no service.
				r.Unified = map[string]string{"memory.oom.group": "1"}
			},
		},
	}, nil
}

// ownFolderV2 is the agent's own cgroup, as far as its mount shows it: a cgroup namespace, or a mount of a part of
// the tree, begins further down.
func ownFolderV2() (string, error) {
	groups, err := cgroups.ParseCgroupFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	mounts, err := mountinfo.GetMounts(mountinfo.SingleEntryFilter(fs2.UnifiedMountpoint))
	if err != nil {
		return "", err
	}
	if len(mounts) == 0 {
		return "", fmt.Errorf("nothing is mounted at %s", fs2.UnifiedMountpoint)
	}
	relative, err := filepath.Rel(mounts[0].Root, groups[""])
	if err != nil || strings.HasPrefix(relative, "..") {
		return "", fmt.Errorf("the agent's cgroup %s is not below %s, which is %s", groups[""], fs2.UnifiedMountpoint, mounts[0].Root)
	}
	return filepath.Join(fs2.UnifiedMountpoint, relative), nil
}

// delegateV2 makes the controllers available to the children of a cgroup.
func delegateV2(own string) error {
	available, err := cgroups.ReadFile(own, "cgroup.controllers")
	if err != nil {
		return err
	}
	for _, controller := range controllersV2 {
		if !slices.Contains(strings.Fields(available), controller) {
			return fmt.Errorf("the agent's cgroup has no %s controller: the engine's cgroup does not hand it on", controller)
		}
	}
	// The one cgroup without a type is the root of all, and it may hold processes.
	if cgroups.PathExists(filepath.Join(own, "cgroup.type")) {
		if err := stepAside(own); err != nil {
			return err
		}
	}
	return cgroups.WriteFile(own, "cgroup.subtree_control", "+"+strings.Join(controllersV2, " +"))
}

// stepAside moves all processes of a cgroup into a leaf below it. One that starts others meanwhile is met again.
func stepAside(own string) error {
	leaf := filepath.Join(own, agentLeaf)
	if err := os.Mkdir(leaf, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	for range 100 {
		pids, err := cgroups.GetPids(own)
		if err != nil || len(pids) == 0 {
			return err
		}
		for _, pid := range pids {
			if pid == 0 { // of another PID namespace: this is not the cgroup of a container
				return fmt.Errorf("%s has processes that the agent does not see", own)
			}
			if err := cgroups.WriteCgroupProc(leaf, pid); err != nil && cgroups.PathExists(fmt.Sprintf("/proc/%d", pid)) {
				return err
			}
		}
	}
	return fmt.Errorf("%s does not become empty", own)
}

func cpuLimitV2(folder string) (float64, error) {
	text, err := cgroups.ReadFile(folder, "cpu.max")
	if err != nil {
		return 0, err
	}
	quota, period, _ := strings.Cut(text, " ")
	return cores(quota, period)
}

// cores is what a quota of a period is; "max" and -1 are no limit.
func cores(quota, period string) (float64, error) {
	quota, period = strings.TrimSpace(quota), strings.TrimSpace(period)
	if quota == "max" || quota == "-1" {
		return 0, nil
	}
	q, err := strconv.ParseFloat(quota, 64)
	if err != nil {
		return 0, err
	}
	p, err := strconv.ParseFloat(period, 64)
	if err != nil || p <= 0 {
		return 0, fmt.Errorf("cpu period %q: want a number", period)
	}
	return q / p, nil
}
