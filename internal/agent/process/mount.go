package process

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/harden"
)

// Mount is a file or folder of the agent's that lies at Target in a process's namespaces, or without Source a tmpfs.
type Mount struct {
	Source, Target string
	ReadOnly       bool
	Options        string // of a tmpfs, as mount(8) writes them
	Owned          bool   // what is root's belongs to the owner of the namespaces
}

// shm is the folder of POSIX shared memory.
const shm = "/dev/shm"

// byDepth is Docker's order: what lies above another mount comes first.
func byDepth(a, b Mount) int {
	depth := func(m Mount) int { return strings.Count(filepath.Clean(m.Target), "/") }
	if filepath.Clean(a.Target) == "/" || filepath.Clean(b.Target) == "/" {
		return cmp.Compare(len(filepath.Clean(a.Target)), len(filepath.Clean(b.Target)))
	}
	return cmp.Compare(depth(a), depth(b))
}

// mount makes the mount; names, if there are any, are the user namespace in which root is the owner.
func (m Mount) mount(names *os.File) error {
	if m.Source == "" {
		return m.mountTmpfs()
	}
	info, err := os.Stat(m.Source)
	if err != nil {
		return err
	}
	if err := makeTarget(m.Target, info.IsDir()); err != nil {
		return err
	}
	// A file system that cannot map owners shows them as they are.
	if names == nil || !m.Owned || mountAs(m.Source, m.Target, names) != nil {
		if err := unix.Mount(m.Source, m.Target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
	}
	flags := uintptr(unix.MS_NODEV)
	if m.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	return restrict(m.Target, flags)
}

// mountTmpfs takes the mode of the image's folder where the options say none, as runc does (libcontainer/rootfs_linux.go).
func (m Mount) mountTmpfs() error {
	flags, data := tmpfsOptions(m.Options)
	info, err := os.Stat(m.Target)
	if errors.Is(err, fs.ErrNotExist) {
		// With a tmpfs's own mode, so that the next start finds the same.
		err = errors.Join(os.MkdirAll(m.Target, 0o755), os.Chmod(m.Target, 0o777|os.ModeSticky))
	} else if err == nil && !strings.Contains(","+data, ",mode=") {
		data = fmt.Sprintf("mode=%04o,%s", info.Sys().(*syscall.Stat_t).Mode&0o7777, data)
	}
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", m.Target, "tmpfs", flags, data); err != nil || !m.ReadOnly {
		return err
	}
	return restrict(m.Target, unix.MS_RDONLY)
}

// makeTarget makes what is mounted over, as far as it is not there.
func makeTarget(path string, folder bool) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir() != folder:
		return errors.New("one is a folder and the other a file: mount a folder onto a folder, or a file onto a file")
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case folder:
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	return file.Close()
}

// restrict adds flags to those that a mount has.
func restrict(path string, flags uintptr) error {
	var now unix.Statfs_t
	if err := unix.Statfs(path, &now); err != nil {
		return err
	}
	for _, flag := range []struct{ statfs, mount uintptr }{
		{unix.ST_RDONLY, unix.MS_RDONLY}, {unix.ST_NOSUID, unix.MS_NOSUID}, {unix.ST_NODEV, unix.MS_NODEV}, {unix.ST_NOEXEC, unix.MS_NOEXEC},
		{unix.ST_NOATIME, unix.MS_NOATIME}, {unix.ST_NODIRATIME, unix.MS_NODIRATIME}, {unix.ST_RELATIME, unix.MS_RELATIME},
	} {
		if uintptr(now.Flags)&flag.statfs != 0 {
			flags |= flag.mount
		}
	}
	return unix.Mount("", path, "", unix.MS_REMOUNT|unix.MS_BIND|flags, "")
}

// mountFlags are those of mount(8) that are no options of the file system itself.
var mountFlags = map[string]struct {
	flag  uintptr
	clear bool
}{
	"ro": {unix.MS_RDONLY, false}, "rw": {unix.MS_RDONLY, true},
	"nosuid": {unix.MS_NOSUID, false}, "suid": {unix.MS_NOSUID, true},
	"nodev": {unix.MS_NODEV, false}, "dev": {unix.MS_NODEV, true},
	"noexec": {unix.MS_NOEXEC, false}, "exec": {unix.MS_NOEXEC, true},
	"noatime": {unix.MS_NOATIME, false}, "atime": {unix.MS_NOATIME, true},
	"sync": {unix.MS_SYNCHRONOUS, false}, "async": {unix.MS_SYNCHRONOUS, true},
}

// tmpfsOptions are flags and data for mount(2). Docker's own come first: a tmpfs has no programs, no setuid and no devices,
// unless its options say so. Devices are never had here.
func tmpfsOptions(options string) (flags uintptr, data string) {
	flags = unix.MS_NOSUID | unix.MS_NOEXEC
	var rest []string
	for option := range strings.SplitSeq(options, ",") {
		known, is := mountFlags[option]
		switch {
		case option == "" || option == "defaults":
		case is && known.clear:
			flags &^= known.flag
		case is:
			flags |= known.flag
		default:
			rest = append(rest, option)
		}
	}
	return flags | unix.MS_NODEV, strings.Join(rest, ",")
}

const cgroups = "/sys/fs/cgroup"

// mountKernel has the process see its own processes in /proc, with what Docker hides there hidden, and its own cgroups,
// read-only: root could lift its own limits.
func (n Namespaces) mountKernel(procs []string) error {
	if err := mountCgroups(procs); err != nil {
		return err
	}
	mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(cgroups))
	if err != nil {
		return err
	}
	for _, m := range mounts {
		if err := restrict(m.Mountpoint, unix.MS_RDONLY); err != nil {
			return fmt.Errorf("make %s read-only: %w", m.Mountpoint, err)
		}
	}
	if err := unix.Unmount("/proc", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount /proc: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if n.NoNetwork {
		if err := harden.Sysctls(n.Sysctls); err != nil {
			return err
		}
	}
	return harden.Proc()
}

// hide leaves nothing of folders to be seen, also in the list of mounts: a program that looks at all of them would fail at what
// it cannot reach.
func hide(folders []string) error {
	for _, folder := range folders {
		mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(folder))
		if err != nil {
			return err
		}
		for _, m := range slices.Backward(mounts) {
			// One that was in another went with it.
			if err := unix.Unmount(m.Mountpoint, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) {
				return fmt.Errorf("unmount %s: %w", m.Mountpoint, err)
			}
		}
		if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_RDONLY, "mode=555"); err != nil {
			return fmt.Errorf("hide %s: %w", folder, err)
		}
	}
	return nil
}
