package enforce

import (
	"fmt"
	"path/filepath"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/fs"
)

// openV1 makes the group in the hierarchies of the controllers that the limits need.
func openV1(name string) (*group, error) {
	paths := map[string]string{}
	var folders []string
	for _, controller := range []string{"memory", "cpu", "cpuacct", "pids"} {
		own, err := cgroups.GetOwnCgroupPath(controller)
		if err != nil {
			return nil, fmt.Errorf("the %s cgroup of the agent: %w", controller, err)
		}
		paths[controller] = filepath.Join(own, name)
		folders = append(folders, paths[controller])
	}
	manager, err := fs.NewManager(&cgroups.Cgroup{Resources: &cgroups.Resources{}}, paths)
	if err != nil {
		return nil, err
	}
	memory, cpu, account, pids := paths["memory"], paths["cpu"], paths["cpuacct"], paths["pids"]
	if err := manager.Apply(-1); err != nil { // nobody joins it yet
		_ = manager.Destroy()
		return nil, err
	}
	swap := cgroups.PathExists(filepath.Join(memory, "memory.memsw.limit_in_bytes"))
	return &group{
		manager: manager,
		folders: unique(folders),
		files: files{
			usage:        file{memory, "memory.usage_in_bytes", ""},
			peak:         file{memory, "memory.max_usage_in_bytes", ""},
			inactive:     file{memory, "memory.stat", "total_inactive_file"},
			oomKills:     file{memory, "memory.oom_control", "oom_kill"},
			limit:        file{memory, "memory.limit_in_bytes", ""},
			periods:      file{cpu, "cpu.stat", "nr_periods"},
			throttled:    file{cpu, "cpu.stat", "nr_throttled"},
			cpuTime:      file{account, "cpuacct.usage", ""},
			cpuTimeUnit:  1, // nanoseconds
			pids:         file{pids, "pids.current", ""},
			pidsLimit:    file{pids, "pids.max", ""},
			forksRefused: file{pids, "pids.events", "max"},
			cpuLimit:     func() (float64, error) { return cpuLimitV1(cpu) },
			resources: func(r *cgroups.Resources) {
				if swap { // counted together with the memory
					r.MemorySwap = r.Memory
				}
			},
		},
	}, nil
}

func cpuLimitV1(folder string) (float64, error) {
	quota, err := cgroups.ReadFile(folder, "cpu.cfs_quota_us")
	if err != nil {
		return 0, err
	}
	period, err := cgroups.ReadFile(folder, "cpu.cfs_period_us")
	if err != nil {
		return 0, err
	}
	return cores(quota, period)
}
