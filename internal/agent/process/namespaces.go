package process

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

// Namespaces are those that a process gets of its own: of processes, of mounts and of host names. What is in them is what
// the process sees around it, and the agent does not.
type Namespaces struct {
	Hostname, Domainname string // "": the container's
	Init                 bool   // number 1 is an init that reaps, and the process its child; else the process is number 1
	ReadOnly             bool   // the root file system
	ShmSize              int64  // bytes of /dev/shm
	Mounts               []Mount
	Owner                *Owner // of the mounts that are owned
	NoNetwork            bool   // a network that has nothing but a loopback device, with these sysctls
	Sysctls              map[string]string
	Hide                 []string // folders of the agent, which are empty for the process
}

// flags are of clone(2).
func (n Namespaces) flags() uintptr {
	flags := uintptr(unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS)
	if n.NoNetwork {
		flags |= unix.CLONE_NEWNET
	}
	return flags
}

// joined are the namespaces that another process can join, in the order in which the init does so. That of processes is
// joined by the parent: a process's own is the one that it was made in.
var joined = []struct {
	name string
	flag int
}{{"uts", unix.CLONE_NEWUTS}, {"net", unix.CLONE_NEWNET}, {"mnt", unix.CLONE_NEWNS}}

const pidNamespace = "pid"

// rootFolder is the handle of what a process sees as "/", with all that is mounted there for it.
const rootFolder = "root"

// handles are open files of a process's namespaces, by name, and its root folder.
type handles map[string]*os.File

// openHandles is for a process that has not yet become the service: the kernel shows a user's process to nobody who has not
// CAP_SYS_PTRACE.
func openHandles(pid int) (handles, error) {
	all := handles{}
	for _, name := range []string{"uts", "net", "mnt", pidNamespace} {
		file, err := os.Open(filepath.Join("/proc", fmt.Sprint(pid), "ns", name))
		if err != nil {
			all.Close()
			return nil, err
		}
		all[name] = file
	}
	root, err := os.OpenFile(filepath.Join("/proc", fmt.Sprint(pid), "root"), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		all.Close()
		return nil, err
	}
	all[rootFolder] = root
	return all, nil
}

// View is all files that a process sees, with its mounts, and no way out of it.
func (p *Process) View() (*os.Root, error) {
	if p.namespaces == nil {
		return os.OpenRoot("/")
	}
	return os.OpenRoot(fmt.Sprintf("/proc/self/fd/%d", p.namespaces[rootFolder].Fd()))
}

func (h handles) Close() {
	for _, file := range h {
		file.Close()
	}
}

// files are those that the init joins.
func (h handles) files() (files []*os.File) {
	for _, namespace := range joined {
		files = append(files, h[namespace.name])
	}
	return files
}

// inside calls start so that the process which it forks is in the namespace of processes of h.
func (h handles) inside(start func() error) error {
	if h == nil {
		return start()
	}
	own, err := os.Open("/proc/self/ns/" + pidNamespace)
	if err != nil {
		return err
	}
	defer own.Close()
	// The namespace is the thread's. A thread that cannot be brought back is thrown away with its goroutine.
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(h[pidNamespace].Fd()), unix.CLONE_NEWPID); err != nil {
			runtime.UnlockOSThread()
			result <- fmt.Errorf("join the namespace of processes: %w", err)
			return
		}
		err := start()
		if unix.Setns(int(own.Fd()), unix.CLONE_NEWPID) == nil {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}

// join is the init's part: it enters the namespaces whose files it has inherited, from that number on.
func join(fd int) error {
	// A thread that shares its root and working directory with others cannot change its mounts.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("leave the other threads: %w", err)
	}
	for i, namespace := range joined {
		if err := unix.Setns(fd+i, namespace.flag); err != nil {
			return fmt.Errorf("join the namespace %s: %w", namespace.name, err)
		}
		unix.Close(fd + i)
	}
	return nil
}

// enter fills new namespaces, which the init is in already, as it is in the cgroups of those files.
func (n Namespaces) enter(workdir string, procs []string) error {
	if n.Hostname != "" {
		if err := unix.Sethostname([]byte(n.Hostname)); err != nil {
			return fmt.Errorf("set the host name: %w", err)
		}
	}
	if n.Domainname != "" {
		if err := unix.Setdomainname([]byte(n.Domainname)); err != nil {
			return fmt.Errorf("set the domain name: %w", err)
		}
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mounts the process's own: %w", err)
	}
	mounts := slices.Clone(n.Mounts)
	if !slices.ContainsFunc(mounts, func(m Mount) bool { return filepath.Clean(m.Target) == shm }) {
		_ = unix.Unmount(shm, unix.MNT_DETACH) // the container's, if it has one
		mounts = append(mounts, Mount{Target: shm, Options: fmt.Sprintf("mode=1777,size=%d", n.ShmSize)})
	}
	slices.SortStableFunc(mounts, byDepth)
	var names *os.File
	if n.Owner != nil && slices.ContainsFunc(mounts, func(m Mount) bool { return m.Owned }) {
		if names, _ = userNamespace(*n.Owner); names != nil { // an engine may forbid it
			defer names.Close()
		}
	}
	for _, m := range mounts {
		if err := m.mount(names); err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
	}
	if workdir != "" {
		if err := os.MkdirAll(workdir, 0o755); err != nil {
			return fmt.Errorf("working directory: %w", err)
		}
	}
	if n.NoNetwork {
		if err := leaveNetwork(); err != nil {
			return err
		}
	}
	if err := n.mountKernel(procs); err != nil {
		return err
	}
	if err := hide(n.Hide); err != nil {
		return err
	}
	// What an image has as a device is none: the engine lets a privileged container use every device of the machine.
	flags := uintptr(unix.MS_NODEV)
	if n.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	if err := restrict("/", flags); err != nil {
		return fmt.Errorf("restrict the root file system: %w", err)
	}
	return nil
}
