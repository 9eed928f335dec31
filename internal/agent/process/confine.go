package process

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/sys/capability"
	"golang.org/x/sys/unix"
)

// Confinement is what a process loses before it becomes the service. The zero value leaves it what the agent has,
// for tests that are not about that.
type Confinement struct {
	// User: switch to Command.User and give up every capability that Command.Rights does not name, for good.
	User bool
	// Seccomp: allow only the system calls of Docker's default profile.
	Seccomp bool
}

// Full is what every service gets.
var Full = Confinement{User: true, Seccomp: true}

// Rights are what a process keeps of root's. The zero value is none of them.
type Rights struct {
	Root bool // the process may be root
	// RootGroup: the process may have the group of root, as images have it whose files belong to any user of that group.
	RootGroup bool
	// Capabilities bound what the process and all that it starts can ever have, e.g. "CAP_CHOWN". Root has them, others get
	// them from programs with setuid or file capabilities.
	Capabilities []string
	// NewPrivileges: programs with setuid or file capabilities get them; no_new_privs is not set.
	NewPrivileges bool
}

// Capabilities are those of the names. One that the kernel does not know is an error.
func Capabilities(names []string) (caps []capability.Cap, err error) {
	known, err := capability.ListSupported()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		i := slices.IndexFunc(known, func(c capability.Cap) bool { return "CAP_"+strings.ToUpper(c.String()) == name })
		if i < 0 {
			return nil, fmt.Errorf("capability %q: not one of this kernel", name)
		}
		caps = append(caps, known[i])
	}
	return caps, nil
}

// apply drops capabilities and the user, in the only order that works: the bounding set needs CAP_SETPCAP, the
// groups and ids need their capabilities, and no_new_privs keeps a setuid binary from getting any of it back.
//
// Only the calling thread changes: exec keeps no other. Package harden changes all threads, with libcap/cap, which
// stops the Go runtime for each of some fifty calls. Here, in every start of a service, that took 5.2 ms of CPU in place
// of 2.5 (BenchmarkStart/full, six runs of 40 starts each).
func (c Confinement) apply(user User, rights Rights) error {
	if !c.User {
		return nil
	}
	if user.UID == 0 && !rights.Root || user.GID == 0 && !rights.RootGroup {
		return errors.New("a service that was not allowed to never runs as root")
	}
	keep, err := Capabilities(rights.Capabilities)
	if err != nil {
		return err
	}
	caps, err := capability.NewPid2(0)
	if err != nil {
		return fmt.Errorf("read capabilities: %w", err)
	}
	caps.Clear(capability.BOUNDS | capability.AMBIENT | capability.INHERITABLE)
	caps.Set(capability.BOUNDS, keep...)
	if err := caps.Apply(capability.BOUNDS | capability.AMBIENT); err != nil {
		return fmt.Errorf("drop the capability bounding set: %w", err)
	}
	if err := ownStreams(user.UID); err != nil {
		return err
	}
	if err := syscall.Setgroups(user.Groups); err != nil {
		return fmt.Errorf("set groups: %w", err)
	}
	if err := syscall.Setgid(user.GID); err != nil {
		return fmt.Errorf("set group %d: %w", user.GID, err)
	}
	if err := syscall.Setuid(user.UID); err != nil {
		return fmt.Errorf("set user %d: %w", user.UID, err)
	}
	// Leaving uid 0 has emptied the permitted and effective sets; the inheritable one stays, so all are set.
	caps.Clear(capability.CAPS)
	if user.UID == 0 {
		caps.Set(capability.PERMITTED|capability.EFFECTIVE, keep...)
	}
	if err := caps.Apply(capability.CAPS); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	if rights.NewPrivileges {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	return nil
}

// ownStreams gives the pipes that the process reads and writes to its user, as Docker does: a program opens /dev/stdout, or a log that is
// a link to it, like any file. A terminal is its user's from the start.
func ownStreams(uid int) error {
	for fd := range 3 {
		var stat unix.Stat_t
		if err := unix.Fstat(fd, &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFIFO {
			continue
		}
		if err := unix.Fchown(fd, uid, -1); err != nil {
			return fmt.Errorf("give the pipe %d to user %d: %w", fd, uid, err)
		}
	}
	return nil
}
