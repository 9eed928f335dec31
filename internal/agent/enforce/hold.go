package enforce

import (
	"errors"
	"os"
	"syscall"
	"time"

	"dagger/stack/internal/agent/process"
)

// holdTimeout is how long processes may take to stop.
const holdTimeout = 2 * time.Second

// hold stops all processes below the agent by a signal, or lets them go on, where no cgroup can. One that waits within the kernel stops when it
// comes back, so it counts as stopped: a shell waits for the program that it starts (vfork(2)), and that may be stopped before.
func hold(on bool) error {
	signal := syscall.SIGCONT
	if on {
		signal = syscall.SIGSTOP
	}
	for end := time.Now().Add(holdTimeout); ; time.Sleep(time.Millisecond) {
		left := 0
		for _, stat := range process.Descendants(os.Getpid()) {
			if stat.Ended || !stat.Waits && stat.Stopped == on {
				continue
			}
			_ = syscall.Kill(stat.PID, signal) // it may have ended
			if !stat.Waits {
				left++
			}
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
