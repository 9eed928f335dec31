package harden

import (
	"fmt"
	"slices"
	"syscall"
	"unsafe"

	"github.com/moby/sys/capability"
	"golang.org/x/sys/unix"
)

// kept is what an agent needs for as long as it runs: it gives files to the service's user and reads what that user
// has shut (CHOWN, DAC_OVERRIDE, FOWNER), starts the process anew under that user, without capabilities (SETUID,
// SETGID, SETPCAP), ends it (KILL), and may have pipes beyond a user's share (SYS_RESOURCE, pipe(7)). Cgroups are
// files of root and need none.
var kept = []capability.Cap{
	capability.CAP_CHOWN, capability.CAP_DAC_OVERRIDE, capability.CAP_FOWNER, capability.CAP_KILL,
	capability.CAP_SETGID, capability.CAP_SETPCAP, capability.CAP_SETUID, capability.CAP_SYS_RESOURCE,
}

func current() (capability.Capabilities, error) {
	caps, err := capability.NewPid2(0)
	if err == nil {
		err = caps.Load()
	}
	if err != nil {
		return nil, fmt.Errorf("read capabilities: %w", err)
	}
	return caps, nil
}

// Agent gives up, for good and in every thread of the process, all capabilities but those that are kept and those that its
// service makes necessary. No program
// that it starts has more, whatever the file says. The process must not be linked with cgo, whose threads the Go
// runtime does not know.
func Agent(more ...capability.Cap) error {
	caps, err := current()
	if err != nil {
		return err
	}
	var keep [2]unix.CapUserData // of version 3: 64 capabilities in two words
	for _, c := range slices.Concat(kept, more) {
		if caps.Get(capability.PERMITTED, c) {
			keep[c/32].Permitted |= 1 << (c % 32)
			keep[c/32].Effective |= 1 << (c % 32)
		}
	}
	if err := inAllThreads(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0); err != nil {
		return fmt.Errorf("drop ambient capabilities: %w", err)
	}
	last, err := capability.LastCap()
	if err != nil {
		return err
	}
	for c := capability.Cap(0); c <= last; c++ {
		if keep[c/32].Permitted&(1<<(c%32)) != 0 {
			continue
		}
		if err := inAllThreads(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, uintptr(c), 0); err != nil {
			return fmt.Errorf("drop %s from the bounding set: %w", c, err)
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := inAllThreads(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&keep)), 0); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	return nil
}

//go:uintptrescapes
func inAllThreads(call, a, b, c uintptr) error {
	if _, _, errno := syscall.AllThreadsSyscall(call, a, b, c); errno != 0 {
		return errno
	}
	return nil
}
