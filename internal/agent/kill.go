package agent

import (
	"encoding/json"
	"errors"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// signal sends a signal to the service's process. What becomes of one that ends by it, the restart policy says.
func (a *agent) signal(request *socket.Request) {
	var args protocol.KillArgs
	err := json.Unmarshal(request.Args, &args)
	sig := unix.SignalNum(args.Signal)
	switch {
	case err != nil:
	case sig == 0:
		err = protocol.Errorf(protocol.CodeInvalid, "signal %q: want a name such as SIGHUP, SIGTERM or SIGUSR1, or its number", args.Signal)
	case a.child == nil:
		err = a.noProcess()
	default:
		a.log.Note(args.Signal + " requested")
		a.happened(state.EventKill, "signal", args.Signal)
		err = a.child.Signal(sig)
		if sig == unix.SIGKILL {
			err = errors.Join(err, a.thaw()) // as Docker does it: other signals wait
		}
	}
	a.reply(request, protocol.KillResult{PID: a.status.PID, Signal: args.Signal}, err)
}

// noProcess is the error of what needs a process of the service.
func (a *agent) noProcess() error {
	return protocol.Errorf(protocol.CodeNotRunning, "%s has no process (it is %s): see %s", a.Service.Name, a.status.Phase, a.cli("health"))
}
