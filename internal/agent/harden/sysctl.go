package harden

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// dockerSysctls are those that Docker sets in every container that has a network of its own (moby daemon/oci_linux.go): a user
// may have ports below 1024, and ping.
var dockerSysctls = map[string]string{
	"net.ipv4.ip_unprivileged_port_start": "0",
	"net.ipv4.ping_group_range":           "0 2147483647",
}

// own are the sysctls that are a container's own, as runc has them (libcontainer/configs/validate): those of its network, and
// those of System V's and POSIX's communication between processes.
var own = []string{
	"net.*", "fs.mqueue.*", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
	"kernel.shmmni", "kernel.shm_rmid_forced",
}

// noTimeWait has no closed connection keep its port for a minute: a container that Docker starts again has a new network, and one of
// ours has not, so a server that does not set SO_REUSEADDR could not be started again for as long.
const noTimeWait = "net/ipv4/tcp_max_tw_buckets"

// ForgetConnections sets that, where the kernel has it for each network (Linux 4.12).
func ForgetConnections() error { return forgetConnectionsBelow("/proc/sys") }

func forgetConnectionsBelow(root string) error {
	err := os.WriteFile(filepath.Join(root, noTimeWait), []byte("0"), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Sysctls sets those of Docker and the given ones. It needs /proc/sys as it is before Container.
func Sysctls(given map[string]string) error { return sysctlsBelow("/proc/sys", given) }

func sysctlsBelow(root string, given map[string]string) error {
	all := maps.Clone(dockerSysctls)
	maps.Copy(all, given)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !ownSysctl(name) {
			return fmt.Errorf("sysctl %s: it is the machine's and not the container's: want one of %s", name, strings.Join(own, ", "))
		}
		path := filepath.Join(root, strings.ReplaceAll(name, ".", "/"))
		err := os.WriteFile(path, []byte(all[name]), 0)
		if _, asked := given[name]; !asked && errors.Is(err, fs.ErrNotExist) {
			continue // an older kernel
		}
		if err != nil {
			return fmt.Errorf("sysctl %s=%s: %w", name, all[name], err)
		}
	}
	return nil
}

func ownSysctl(name string) bool {
	if strings.Contains(name, "/") || strings.Contains(name, "..") {
		return false
	}
	return slices.ContainsFunc(own, func(known string) bool {
		prefix, all := strings.CutSuffix(known, "*")
		return name == known || all && strings.HasPrefix(name, prefix)
	})
}
