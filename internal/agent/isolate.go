package agent

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/spec"
)

// Isolation is what an agent needs to give its service's process namespaces of its own.
type Isolation struct {
	Volumes string   // folder of the volumes, by their names
	Binds   string   // folder of the project's files of binds, by the mounts' indices
	Sources string   // folder of the project's files of spec.File.Source, by the files' indices
	Files   string   // folder in memory, where the agent keeps the service's files for its mounts
	Hide    []string // folders of the agent, which the process does not see
}

const (
	shmSize    = 64 * units.MiB // Docker's, and the least
	dockerPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// isolated tells whether the process gets namespaces.
func (a *agent) isolated() bool { return a.Isolation != nil && a.Service.Isolated() }

// lookupUser finds out who the service's process is. A service that a compose file describes has the groups that Docker gives it, too;
// a job of any other has no more than that one.
func (a *agent) lookupUser() (err error) {
	p := a.Service.Process
	if a.Service.Described {
		a.user, err = process.LookupUserAsDocker(p.User, p.Groups)
	} else {
		a.user, err = process.LookupUser(p.User)
	}
	if err == nil && a.user.UID == 0 && !p.Root {
		err = fmt.Errorf("user %q is root, and the service was not allowed to be", p.User)
	}
	return err
}

// owner is the service's user, to whom files are given.
func (a *agent) owner() tree.Owner { return tree.Owner{UID: a.user.UID, GID: a.user.GID} }

// rights are what the process keeps of root's.
func (a *agent) rights() process.Rights {
	p := a.Service.Process
	rights := process.Rights{Root: p.Root, RootGroup: a.Service.Described, NewPrivileges: p.NewPrivileges && a.isolated()}
	if a.isolated() {
		rights.Capabilities = p.Capabilities // a user has none of them: they bound what a setuid program could get
	}
	return rights
}

// without says what of the service's description cannot be had in a container without privileges: what the service can do
// without is noted, and what it cannot is an error.
func (a *agent) without() error {
	const forbids = "the engine forbids privileged services"
	if a.Isolation != nil {
		return nil
	}
	for _, port := range a.Service.Ports {
		if first := usersFirstPort(); port.Container < first && !a.Service.Process.Root {
			a.notes = append(a.notes, fmt.Sprintf("only root could listen on port %d (a user can from %d on), and the service is none: %s", port.Container, first, forbids))
		}
	}
	if !a.Service.Isolated() {
		return nil
	}
	c, p := a.Service.Container, a.Service.Process
	if p.Root {
		return fmt.Errorf("%s would run as root, and %s: give a user with user:, or allow insecureRootCapabilities in the engine's configuration", a.Service.Name, forbids)
	}
	for _, m := range c.Mounts {
		if m.Type != spec.MountTmpfs {
			return fmt.Errorf("%s cannot have a %s at %s: %s", a.Service.Name, m.Type, m.Target, forbids)
		}
	}
	for _, element := range []struct {
		wanted  bool
		instead string
	}{
		{c.PID1, "the process is not number 1 of its container"},
		{c.Hostname != "" || c.Domainname != "", "the host name is the container's own"},
		{c.ReadOnly, "the root file system is not read-only"},
		{c.ShmSize != 0, "the size of /dev/shm is the engine's"},
		{len(c.Sysctls) > 0, "sysctls are not set"},
		{c.NoNetwork, "the service has a network"},
		{c.Hosts != nil, "of the stack's names only those of the services that it depends on resolve, each to one address"},
		{!c.DNS.None(), "nameservers, search domains and their options are the engine's"},
		{p.NewPrivileges, "setuid programs get no privileges"},
		{len(c.Mounts) > 0, "a tmpfs is a folder of the container, on disk"},
	} {
		if element.wanted {
			a.notes = append(a.notes, element.instead+": "+forbids)
		}
	}
	for _, m := range c.Mounts {
		if err := errors.Join(os.MkdirAll(m.Target, 0o755), os.Chmod(m.Target, os.ModeSticky|0o777)); err != nil {
			return err
		}
	}
	return nil
}

// usersFirstPort is the first port that a process without capabilities may listen on; 0 on a kernel that does not say.
func usersFirstPort() int {
	text, _ := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	port, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return port
}

// namespaces are new ones for a process.
func (a *agent) namespaces() *process.Namespaces {
	if !a.isolated() {
		return nil
	}
	c := a.Service.Container
	own := &process.Namespaces{
		Hostname: a.hostname(), Domainname: c.Domainname, Init: c.Init || !c.PID1, ReadOnly: c.ReadOnly,
		ShmSize: cmp.Or(c.ShmSize, SharedMemory(a.status.Limits.Memory)), Mounts: a.mounts, Hide: a.Isolation.Hide,
		NoNetwork: c.NoNetwork, Sysctls: c.Sysctls,
	}
	if !a.Service.Process.Root {
		own.Owner = &process.Owner{UID: a.user.UID, GID: a.user.GID}
	}
	return own
}

// SharedMemory is how large /dev/shm may be under a memory limit, where nobody says it. What is in it counts for the limit: Docker's
// 64 MiB, whatever the limit is, is what a parallel query of postgres and a browser fail by. Without a limit it is what the kernel
// gives a tmpfs, half of the machine's memory.
func SharedMemory(limit int64) int64 {
	return max(cmp.Or(limit, enforce.Machine().Memory/2), shmSize)
}

// hostname is the name of the container for who is in it. Docker takes the container's short ID, where nobody says another name:
// 12 digits, which stay the same as long as the container is there.
func (a *agent) hostname() string {
	sum := sha256.Sum256([]byte(a.status.Instance))
	return cmp.Or(a.Service.Container.Hostname, hex.EncodeToString(sum[:6]))
}

// dockerEnv are the variables that Docker adds to those of an image.
func (a *agent) dockerEnv(env []string) []string {
	if !a.Service.Isolated() {
		return env
	}
	name, value, _ := strings.Cut(dockerPath, "=")
	env = withDefault(env, name, value)
	env = withDefault(env, "HOSTNAME", a.hostname())
	if a.Service.Container.TTY {
		env = withDefault(env, "TERM", "xterm")
	}
	return env
}
