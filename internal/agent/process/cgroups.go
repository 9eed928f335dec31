package process

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// mountCgroups puts the process's own cgroups, those of the files, in the place of the container's: programs and scripts read their
// limits there, such as /sys/fs/cgroup/memory.max.
func mountCgroups(procs []string) error {
	for _, file := range procs {
		own, err := filepath.EvalSymlinks(filepath.Dir(file))
		if err != nil {
			return err
		}
		mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(cgroups))
		if err != nil {
			return err
		}
		whole := "" // the nearest mount
		for _, m := range mounts {
			if strings.HasPrefix(own, m.Mountpoint+"/") && strings.HasPrefix(m.FSType, "cgroup") && len(m.Mountpoint) > len(whole) {
				whole = m.Mountpoint
			}
		}
		if whole == "" {
			continue
		}
		if err := unix.Mount(own, whole, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount the cgroup %s: %w", own, err)
		}
	}
	return nil
}
