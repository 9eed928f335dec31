package agent

import (
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// pause has the kernel hold all processes of the service, and those that run beside it. Its health stays what it was: nothing is
// asked of it until it goes on.
func (a *agent) pause(request *socket.Request) {
	err := a.mayPause()
	if err == nil {
		err = a.enforcer.Freeze(true)
	}
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	a.log.Note("paused")
	a.child.paused, a.nextProbe = true, nil
	a.status.Phase = state.Paused
	a.happened(state.EventPause)
	a.publish()
	a.reply(request, nil, nil)
}

func (a *agent) mayPause() error {
	switch {
	case a.child == nil:
		return a.noProcess()
	case a.child.paused:
		return protocol.Errorf(protocol.CodeInvalid, "%s is paused already", a.Service.Name)
	case a.child.stopping || a.status.PostStarting:
		return protocol.Errorf(protocol.CodeBusy, "%s is about to start or to stop: try again when it is healthy", a.Service.Name)
	}
	return nil
}

func (a *agent) unpause(request *socket.Request) {
	if a.child == nil || !a.child.paused {
		a.reply(request, nil, protocol.Errorf(protocol.CodeInvalid, "%s is not paused", a.Service.Name))
		return
	}
	err := a.thaw()
	a.publish()
	a.reply(request, nil, err)
}

// thaw lets a paused service go on, also to its end: a process that is held handles no signal.
func (a *agent) thaw() error {
	c := a.child
	if c == nil || !c.paused {
		return nil
	}
	if err := a.enforcer.Freeze(false); err != nil {
		a.log.Note(err.Error())
		return err
	}
	a.log.Note("unpaused")
	c.paused, c.thawed = false, time.Now()
	a.status.Phase = state.Running
	a.happened(state.EventUnpause)
	if !c.asking {
		a.ask()
	}
	return nil
}

// heldBack tells whether a probe says nothing, because the service was paused while it ran.
func (a *agent) heldBack(p probed) bool {
	switch {
	case p.of.paused:
		return true
	case p.result.Start.Before(p.of.thawed):
		a.ask()
		return true
	}
	return false
}

// starts are the verbs that start a process beside the service's, which would be held as well.
var starts = map[string]bool{protocol.VerbExec: true, protocol.VerbDump: true, protocol.VerbCheckDump: true, protocol.VerbRestore: true}

// refusesPaused answers a request that a paused service cannot serve.
func (a *agent) refusesPaused(request *socket.Request) bool {
	if a.child == nil || !a.child.paused || !starts[request.Verb] {
		return false
	}
	a.reply(request, nil, protocol.Errorf(protocol.CodeBusy, "%s is paused: %s", a.Service.Name, a.cli("unpause --service "+a.Service.Name)))
	return true
}
