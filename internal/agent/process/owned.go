package process

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Owner is who the files of root belong to, as a process sees a mount: Dagger gives all files of a project to root, and on the
// machine of the developer they are the developer's.
type Owner struct{ UID, GID int }

// mountAs mounts what is at a path with its owners mapped (mount_setattr(2), ID-mapped mounts): in that user namespace, root and the
// owner are each other.
func mountAs(source, target string, names *os.File) error {
	tree, err := unix.OpenTree(unix.AT_FDCWD, source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return fmt.Errorf("open_tree: %w", err)
	}
	defer unix.Close(tree)
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(names.Fd())}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attributes); err != nil {
		return fmt.Errorf("mount_setattr: %w", err)
	}
	return unix.MoveMount(tree, "", unix.AT_FDCWD, target, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// userNamespace is one that maps root and the owner to each other. The kernel makes such a namespace only for a process: one that is
// stopped as soon as it runs. The caller is in new namespaces of processes and of mounts, and its thread is its own.
func userNamespace(owner Owner) (*os.File, error) {
	// The numbers of processes are this namespace's, which the container's /proc does not show.
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return nil, fmt.Errorf("mount /proc: %w", err)
	}
	defer func() { _ = unix.Unmount("/proc", unix.MNT_DETACH) }()
	process, err := os.StartProcess("/proc/self/exe", []string{"user-namespace"}, &os.ProcAttr{Sys: &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER, Ptrace: true, Pdeathsig: syscall.SIGKILL,
		UidMappings: swapped(owner.UID), GidMappings: swapped(owner.GID),
	}})
	if err != nil {
		return nil, fmt.Errorf("make a user namespace: %w", err)
	}
	defer func() {
		_ = process.Kill()
		_, _ = process.Wait()
	}()
	return os.Open(fmt.Sprintf("/proc/%d/ns/user", process.Pid))
}

// swapped maps root and an id to each other, and all others to themselves.
func swapped(id int) []syscall.SysProcIDMap {
	const all = 1<<32 - 1 // the highest is no id
	if id == 0 {
		return []syscall.SysProcIDMap{{Size: all}}
	}
	maps := []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}, {ContainerID: id, HostID: 0, Size: 1}}
	if id > 1 {
		maps = append(maps, syscall.SysProcIDMap{ContainerID: 1, HostID: 1, Size: id - 1})
	}
	return append(maps, syscall.SysProcIDMap{ContainerID: id + 1, HostID: id + 1, Size: all - 1 - id})
}
