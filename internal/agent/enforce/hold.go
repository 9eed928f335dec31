package enforce

import (
	"errors"
	"os"
	"syscall"
	"time"

	"dagger/stack/internal/agent/process"
)

// holdTimeout is how long processes may take to stop: one that waits for a disk does not at once.
const holdTimeout = 2 * time.Second

// hold stops all processes below the agent by a signal, or lets them go on, where no cgroup can.
func hold(on bool) error {
	signal := syscall.SIGCONT
	if on {
		signal = syscall.SIGSTOP
	}
	for end := time.Now().Add(holdTimeout); ; time.Sleep(time.Millisecond) {
		left := 0
		for _, stat := range process.Descendants(os.Getpid()) {
			if stat.Ended || stat.Stopped == on {
				continue
			}
			_ = syscall.Kill(stat.PID, signal) // it may have ended
			left++
		}
		if left == 0 {
			return nil
		}
		if time.Now().After(end) {
			if on {
				return errors.Join(errors.New("its processes do not stop"), hold(false))
			}
			return errors.New("its processes do not go on")
		}
	}
}
