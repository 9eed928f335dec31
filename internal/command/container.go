package command

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/layout"
)

const (
	hostsFile = "/etc/hosts"
	ownHosts  = layout.Root + "/hosts"
)

// closeContainer does what needs the capabilities of the start: it shuts the agent's folder and puts a hosts file
// of the agent's own over the engine's, which is read-only. An engine that gives fewer capabilities leaves the
// engine's hosts file, with the names of the services that this one needs.
func closeContainer() (hosts string, err error) {
	if err := os.Chmod(layout.Root, 0o700); err != nil {
		return "", err
	}
	if err := os.Chmod(layout.State, 0o700); err != nil {
		return "", err
	}
	original, err := os.ReadFile(hostsFile)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(ownHosts, original, 0o644); err != nil {
		return "", err
	}
	err = unix.Mount(ownHosts, hostsFile, "", unix.MS_BIND, "")
	if errors.Is(err, unix.EPERM) {
		return "", nil
	}
	return hostsFile, err
}
