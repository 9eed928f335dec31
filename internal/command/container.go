package command

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/harden"
	"dagger/stack/internal/layout"
)

const (
	hostsFile = "/etc/hosts"
	ownHosts  = layout.Root + "/hosts"
	dnsFile   = "/etc/resolv.conf"
)

// ownSession tells sessions of the engine apart: every one has a domain of its own, the last that its containers search
// (engine/engineutil/executor_spec.go; network.SessionDomain). Nothing in the container's definition could say it: a
// service that is used in two places of a session must be the same.
func ownSession() (string, error) {
	text, err := os.ReadFile(dnsFile)
	if err != nil {
		return "", err
	}
	session := ""
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "search" {
			session = fields[len(fields)-1]
		}
	}
	return session, nil
}

// closeContainer does what needs the capabilities of the start, and gives them up: it shuts the agent's folder, closes
// a privileged container, and has a hosts file of the agent's own there.
func closeContainer() (hosts string, err error) {
	if err := os.Chmod(layout.Root, 0o700); err != nil {
		return "", err
	}
	if err := os.Chmod(layout.State, 0o700); err != nil {
		return "", err
	}
	privileged, err := harden.Privileged()
	if err != nil {
		return "", err
	}
	// Without privileges the engine's hosts file stays, with the names of the services that this one needs, and the
	// engine has closed the rest itself.
	if privileged {
		if hosts, err = mountHosts(); err != nil {
			return "", err
		}
		// A volume is that of all stacks. A service that brings its own agent has no mount there.
		if err := unix.Mount("", layout.Bin, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil && err != unix.EINVAL {
			return "", err
		}
		if err := harden.Container(); err != nil {
			return "", err
		}
	}
	return hosts, harden.Agent()
}

// mountHosts puts a hosts file of the agent's own over the engine's, which is read-only.
func mountHosts() (string, error) {
	original, err := os.ReadFile(hostsFile)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(ownHosts, original, 0o644); err != nil {
		return "", err
	}
	return hostsFile, unix.Mount(ownHosts, hostsFile, "", unix.MS_BIND, "")
}
