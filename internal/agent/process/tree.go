package process

import "syscall"

// KillSession kills what is left of the session that the process has led: a shell has a group for each of its jobs.
func (p *Process) KillSession() {
	for _, stat := range stats() {
		if stat.Session == p.PID && !stat.Ended {
			syscall.Kill(stat.PID, syscall.SIGKILL)
		}
	}
}

// KillTree kills the process, its group, and all that it has started and that still has its parent, whatever group it has moved to.
func (p *Process) KillTree() {
	below := Descendants(p.PID)
	p.SignalGroup(syscall.SIGKILL)
	for _, stat := range below {
		syscall.Kill(stat.PID, syscall.SIGKILL)
	}
}
