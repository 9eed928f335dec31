package agent

import (
	"fmt"

	"github.com/docker/go-units"
	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/cap"

	"dagger/stack/internal/agent/process"
)

// openFiles is how many files a process may have open at least, where nobody says it. Docker's containers have many more than the 1,024
// that an engine may have been started with.
const openFiles = 65536

// rlimits are what every process of the service begins with: what the enforcer needs, and what was asked for.
func (a *agent) rlimits() ([]process.Rlimit, error) {
	limits := append(a.enforcer.Rlimits(), fileLimit())
	for _, u := range a.Service.Container.Ulimits {
		limit, err := (&units.Ulimit{Name: u.Name, Soft: u.Soft, Hard: u.Hard}).GetRlimit()
		if err != nil {
			return nil, fmt.Errorf("ulimit %s: %w", u.Name, err)
		}
		limits = append(limits, process.Rlimit{Resource: limit.Type, Soft: limit.Soft, Hard: limit.Hard})
	}
	return limits, nil
}

// fileLimit is that of open files: a process that wants more raises it as far as the engine allows.
func fileLimit() process.Rlimit {
	var now unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &now)
	if may, err := cap.GetProc().GetFlag(cap.Effective, cap.SYS_RESOURCE); err == nil && may {
		now.Max = max(now.Max, openFiles)
	}
	return process.Rlimit{Resource: unix.RLIMIT_NOFILE, Soft: min(openFiles, now.Max), Hard: now.Max}
}
