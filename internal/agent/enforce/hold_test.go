//go:build root

package enforce

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/agent/process"
)

// A shell that starts a program cannot stop until the program runs (vfork(2)): stopped in between, its child holds it, and that is enough.
func TestHoldBetweenForkAndExec(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	// The new process opens the pipe before it becomes sleep, and waits there for a writer.
	parent := exec.Command("python3", "-c", `import os, sys
os.waitpid(os.posix_spawn("/bin/sleep", ["sleep", "60"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)]), 0)`, fifo)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, stat := range process.Descendants(os.Getpid()) {
			_ = syscall.Kill(stat.PID, syscall.SIGKILL)
		}
		_ = parent.Wait()
	}()
	until := func(what string, is func([]process.Stat) bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); !is(process.Descendants(os.Getpid())); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %+v", what, process.Descendants(os.Getpid()))
			}
		}
	}
	until("a parent that waits for its child", func(all []process.Stat) bool { return len(all) == 2 && (all[0].Waits || all[1].Waits) })
	if err := hold(true); err != nil {
		t.Fatal(err)
	}
	if err := hold(false); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	until("both go on", func(all []process.Stat) bool {
		return len(all) == 2 && !all[0].Waits && !all[1].Waits && !all[0].Stopped && !all[1].Stopped
	})
	time.Sleep(50 * time.Millisecond) // a stop that was left pending comes now
	until("none is stopped", func(all []process.Stat) bool { return len(all) == 2 && !all[0].Stopped && !all[1].Stopped })
}
