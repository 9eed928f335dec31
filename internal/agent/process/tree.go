package process

import "syscall"

// KillTree kills the process, its group, and all that it has started and that still has its parent, whatever group it has moved to.
func (p *Process) KillTree() {
	below := Descendants(p.PID)
	p.SignalGroup(syscall.SIGKILL)
	for _, stat := range below {
		syscall.Kill(stat.PID, syscall.SIGKILL)
	}
}
