package process

import (
	"os"
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

// Left is how many processes are left of one that has ended: those that it has started, and that nobody here runs.
func (r *Reaper) Left() (left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, stat := range stats() {
		if stat.Parent == os.Getpid() && r.running[stat.PID] == nil && !stat.Ended {
			left++
		}
	}
	return left
}

// childrenOf lists the processes whose parent that is. Zombies count: they are gone as soon as they are reaped.
func childrenOf(parent int) []int {
	var children []int
	for _, stat := range stats() {
		if stat.Parent == parent {
			children = append(children, stat.PID)
		}
	}
	return children
}
