package process

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// reap is number 1 of a namespace of processes, as tini is: it starts the command as its child, hands signals on to the
// child, reaps what else ends, and ends as the child does. It is as confined as the child. started is called when the child
// runs.
func reap(path string, args, env []string, terminal bool, started func()) error {
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(unsafe.StringData("init\x00"))), 0, 0, 0) // for who lists processes
	// The kernel gives the files in /proc of a process that has changed its user, and not its program since then, to root: the command may open
	// /proc/1/fd/1 as in Docker, where the init is a program of its own. It finds nothing there that it has not itself.
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	child, err := syscall.ForkExec(path, args, &syscall.ProcAttr{
		Env: env, Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Foreground: terminal},
	})
	if err != nil {
		return err
	}
	started()
	for received := range signals {
		switch received {
		case unix.SIGCHLD:
			if status, ended := collectUntil(child); ended {
				os.Exit(exitOf(status).Code)
			}
		case unix.SIGURG: // the Go runtime's own
		default:
			syscall.Kill(child, received.(syscall.Signal))
		}
	}
	return nil
}

// collectUntil reaps all that has ended, and tells whether that process was among them.
func collectUntil(child int) (syscall.WaitStatus, bool) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case pid == child:
			return status, true
		case pid <= 0:
			return status, false
		}
	}
}
