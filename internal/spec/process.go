package spec

import (
	"cmp"
	"syscall"
	"time"

	"github.com/moby/sys/signal"
)

// stopGrace is shorter than the 10 s that the engine gives a container (core/services.go TerminateGracePeriod), so
// that the agent has time to kill what did not stop and to write down that it did.
const stopGrace = 8 * time.Second

// Grace is how long the process has to stop when it was asked to.
func (p Process) Grace() time.Duration { return cmp.Or(time.Duration(p.StopGrace), stopGrace) }

// Signal is what asks the process to stop.
func (p Process) Signal() syscall.Signal {
	asked, err := signal.ParseSignal(p.StopSignal) // an image may say a number, or leave SIG out
	if err != nil {
		return syscall.SIGTERM
	}
	return asked
}

// Wants tells whether a process that ended with that code is started again, after so many times before.
func (r Restart) Wants(code, restarts int) bool {
	switch r.Policy {
	case RestartNo:
		return false
	case RestartAlways:
		return true
	}
	return code != 0 && (r.MaxRetries == 0 || restarts < r.MaxRetries)
}
