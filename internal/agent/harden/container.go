// Package harden closes a privileged container: first it takes away what only the container's agent needs, and then the
// capabilities that the agent itself needs no longer. Package process confines each service's process further.
package harden

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/cap"
)

// What Docker hides from a container and what it makes read-only there (moby daemon/pkg/oci/defaults.go). The engine
// does both in a container without insecureRootCapabilities, and neither in a container with it.
var (
	maskedProc = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
	}
	maskedSys    = []string{"/sys/devices/virtual/powercap", "/sys/firmware"}
	readOnlyProc = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// devices are the nodes that every container has (OCI runtime specification, "Default Devices"). A privileged container
// has the machine's loop devices, kmsg, kvm, fuse and tun too, of which the runtime lets everybody read and write.
var devices = []string{"console", "full", "null", "ptmx", "random", "tty", "urandom", "zero"}

// folders of /dev that are mounts of their own: terminals, shared memory, message queues.
var folders = []string{"mqueue", "pts", "shm"}

// Privileged tells whether the container was started with insecureRootCapabilities.
func Privileged() (bool, error) {
	return cap.GetProc().GetFlag(cap.Effective, cap.SYS_ADMIN)
}

// Container closes a privileged container: afterwards /proc, /sys and /dev look as in any other container.
// The cgroup tree, a mount below /sys, stays writable for root.
func Container() error {
	if err := removeDevices("/dev"); err != nil {
		return err
	}
	if err := Proc(); err != nil {
		return err
	}
	return hide(maskedSys, []string{"/sys"})
}

// Proc closes /proc, which may be another than the container's first.
func Proc() error { return hide(maskedProc, readOnlyProc) }

func hide(masked, readOnly []string) error {
	for _, path := range masked {
		if err := mask(path); err != nil {
			return fmt.Errorf("hide %s: %w", path, err)
		}
	}
	for _, path := range readOnly {
		if err := makeReadOnly(path); err != nil {
			return fmt.Errorf("make %s read-only: %w", path, err)
		}
	}
	return nil
}

// removeDevices removes the nodes of the container's own /dev. Nobody can make them again: that takes CAP_MKNOD,
// which the agent gives up.
func removeDevices(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if entry.IsDir() && slices.Contains(folders, name) {
			return filepath.SkipDir
		}
		if entry.Type()&fs.ModeDevice == 0 || slices.Contains(devices, name) {
			return nil
		}
		err = os.Remove(path)
		if errors.Is(err, unix.EBUSY) { // a mount, as where the engine itself is not really root
			err = unix.Mount(os.DevNull, path, "", unix.MS_BIND, "")
		}
		return err
	})
}

// mask puts an empty folder, or /dev/null, over a path.
func mask(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return unix.Mount("tmpfs", path, "tmpfs", unix.MS_RDONLY, "size=0")
	}
	return unix.Mount(os.DevNull, path, "", unix.MS_BIND, "")
}

func makeReadOnly(path string) error {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	err := unix.Mount(path, path, "", unix.MS_BIND|unix.MS_REC, "")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|flags, "")
}
