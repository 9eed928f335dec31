package command

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/cap"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/agent/harden"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

const (
	// staged is where files are that are mounted for the service's process. They hold secrets, which no disk should.
	staged = layout.Root + "/files"
)

// isolating are the capabilities that an agent keeps to make namespaces for its service's processes and to mount in them
// (SYS_ADMIN), to join them (SYS_CHROOT), and to copy files with all that they have (FSETID, SETFCAP, MKNOD).
var isolating = []cap.Value{cap.SYS_ADMIN, cap.SYS_CHROOT, cap.FSETID, cap.SETFCAP, cap.MKNOD}

// closeContainer does what needs the capabilities of the start, and gives them up: it shuts the agent's folder, closes
// a privileged container, and has names looked up at the agent. names and isolation are nil where the container is not
// privileged.
func closeContainer(service spec.Service) (names *agent.Names, isolation *agent.Isolation, err error) {
	if err := os.Chmod(layout.Root, 0o700); err != nil {
		return nil, nil, err
	}
	if err := os.Chmod(layout.State, 0o700); err != nil {
		return nil, nil, err
	}
	privileged, err := harden.Privileged()
	if err != nil {
		return nil, nil, err
	}
	if !privileged {
		// The engine's hosts file stays, with the names of the services that this one needs, and the engine has closed the
		// rest itself.
		return nil, nil, harden.Agent()
	}
	if names, err = openNames(service); err != nil {
		return nil, nil, err
	}
	if err := harden.ForgetConnections(); err != nil {
		return nil, nil, err
	}
	// A volume is that of all stacks. A service that brings its own agent has no mount there.
	if err := unix.Mount("", layout.Bin, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil && err != unix.EINVAL {
		return nil, nil, err
	}
	keep, isolation, err := isolate(service)
	if err != nil {
		return nil, nil, err
	}
	if err := harden.Container(); err != nil {
		return nil, nil, err
	}
	return names, isolation, harden.Agent(keep...)
}

// isolate prepares the container for a service whose process gets namespaces of its own. Another service's agent keeps no
// more capabilities than it always has.
func isolate(service spec.Service) (keep []cap.Value, isolation *agent.Isolation, err error) {
	isolation = &agent.Isolation{
		Volumes: layout.Volumes, Binds: layout.Binds, Sources: layout.Sources, Files: staged,
		Hide: []string{layout.Root},
	}
	if err := harden.Sysctls(service.Container.Sysctls); err != nil {
		return nil, nil, err
	}
	if !service.Isolated() {
		if err := enforce.Show(cgroupName); err != nil {
			return nil, nil, err
		}
		return nil, isolation, harden.SharedMemory(agent.SharedMemory(service.Limits.Memory))
	}
	_ = unix.Unmount(layout.Files, unix.MNT_DETACH) // the files are staged instead
	if err := os.MkdirAll(staged, 0o700); err != nil {
		return nil, nil, err
	}
	if err := unix.Mount("tmpfs", staged, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=700"); err != nil {
		return nil, nil, fmt.Errorf("mount a folder in memory: %w", err)
	}
	keep = slices.Clone(isolating)
	if service.Container.NoNetwork {
		keep = append(keep, cap.NET_ADMIN) // turns the loopback device of a new network on
	}
	for _, name := range service.Process.Capabilities {
		value, err := cap.FromName(strings.ToLower(name))
		if err != nil {
			return nil, nil, fmt.Errorf("capability %s: %w", name, err)
		}
		keep = append(keep, value)
	}
	return keep, isolation, nil
}
