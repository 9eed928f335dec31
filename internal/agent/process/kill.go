package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// KillAll kills every process below the caller, however it was started and wherever it has moved: those that left
// the service's group or session too, because each becomes the subreaper's child when its parent dies. It tells
// whether all are gone.
func (r *Reaper) KillAll() bool {
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		children := childrenOf(os.Getpid())
		if len(children) == 0 {
			return true
		}
		for _, pid := range children {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// childrenOf lists the processes whose parent that is. Zombies count: they are gone as soon as they are reaped.
func childrenOf(parent int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var children []int
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (comm) state ppid …: comm may hold anything, also brackets, so the fields count from the last one.
		text := string(stat)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		if len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			children = append(children, pid)
		}
	}
	return children
}
