package enforce

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// limitFiles are where programs read the limits of their container, in both versions of cgroups.
var limitFiles = []string{"memory.limit_in_bytes", "cpu.cfs_quota_us", "cpu.cfs_period_us", "pids.max", "memory.max", "cpu.max"}

// Show has the limits of the group of that name stand where the container has its own, which has none: what looks for the limits of
// its container (node, the JVM, .NET, libraries of Go) finds them there. It takes a privilege that the agent gives up. Where no group can be
// made, there is nothing to show.
func Show(name string) error {
	group, err := open(name)
	if err != nil {
		return nil
	}
	for _, folder := range group.folders {
		for _, name := range limitFiles {
			of := filepath.Join(filepath.Dir(folder), name)
			if _, err := os.Stat(of); err != nil {
				continue
			}
			if err := unix.Mount(filepath.Join(folder, name), of, "", unix.MS_BIND, ""); err != nil {
				return fmt.Errorf("show the limit %s: %w", name, err)
			}
		}
	}
	return nil
}
