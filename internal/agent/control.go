package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// restart is one that is under way.
type restart struct {
	request *socket.Request
	oldPID  int
	begun   time.Time
	job     *job // what the restart is only a part of, and whose value is the answer; nil: it is a restart that was asked for; one without a value answers as a restart
}

// receive has a request wait for its turn, but for one that is answered whatever goes on.
func (a *agent) receive(request *socket.Request) {
	if request.Verb == protocol.VerbStatus {
		a.tellStatus(request)
		return
	}
	a.waiting = append(a.waiting, request)
	a.wake()
}

// wake makes the loop look whether a request can be served now.
func (a *agent) wake() {
	select {
	case a.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// serve takes up waiting requests, oldest first, one at a time: while a restart is under way the next one waits, and its sender
// can still take it back.
func (a *agent) serve() (code int, last bool) {
	if a.restart != nil && time.Now().After(a.restart.request.Deadline) {
		a.failRestart(fmt.Sprintf("not healthy within %s", time.Since(a.restart.begun).Round(time.Second)))
	}
	waiting := a.waiting
	a.waiting = nil
	for i, request := range waiting {
		busy := a.restart != nil || a.job != nil
		switch {
		case !request.Pending():
		case busy && !refuses(request):
			a.waiting = append(a.waiting, request)
		case !request.Take():
		case busy:
			a.reply(request, nil, protocol.Errorf(protocol.CodeBusy, "is being restarted, backed up or restored already"))
		default:
			if code, last := a.handle(request); last {
				a.waiting = append(a.waiting, waiting[i+1:]...)
				return code, last
			}
		}
	}
	return 0, false
}

// refuses tells whether a request is not to wait.
func refuses(request *socket.Request) bool {
	var args protocol.RestartArgs
	return request.Verb == protocol.VerbRestart && json.Unmarshal(request.Args, &args) == nil && args.Refuse
}

func (a *agent) handle(request *socket.Request) (code int, last bool) {
	if a.refusesPaused(request) {
		return 0, false
	}
	switch request.Verb {
	case protocol.VerbRestart:
		a.log.Note("restart requested")
		a.beginRestart(request)
	case protocol.VerbStop:
		a.log.Note("stop requested")
		a.reply(request, nil, nil)
		return a.end()
	case protocol.VerbDump:
		a.dump(request)
	case protocol.VerbCheckDump:
		a.checkDump(request)
	case protocol.VerbRestore:
		a.restore(request)
	case protocol.VerbSnapshot:
		a.snapshot(request)
	case protocol.VerbLimits:
		a.changeLimits(request)
	case protocol.VerbTop:
		a.top(request)
	case protocol.VerbKill:
		a.signal(request)
	case protocol.VerbPause:
		a.pause(request)
	case protocol.VerbUnpause:
		a.unpause(request)
	case protocol.VerbAddress:
		url, err := a.render.Render(a.Service.Address)
		a.reply(request, protocol.Address{URL: url}, err)
	case protocol.VerbExec:
		a.exec(request)
	case protocol.VerbSource:
		a.readSource(request)
	case protocol.VerbSync:
		a.syncSource(request)
	case protocol.VerbWatched:
		a.readWatched(request)
	case protocol.VerbBring:
		a.bringWatched(request)
	case protocol.VerbFiles:
		a.listFiles(request)
	case protocol.VerbImage:
		a.replaceImage(request)
	case protocol.VerbInstall:
		a.install(request)
	default:
		a.reply(request, nil, fmt.Errorf("request %q is not known to this agent: was the stack started by another version?", request.Verb))
	}
	return 0, false
}

func (a *agent) beginRestart(request *socket.Request) {
	a.restart = &restart{request: request, oldPID: a.status.PID, begun: time.Now()}
	a.status.Phase, a.status.Health = state.Restarting, state.Starting
	a.report() // and from now on every second: somebody waits, and has a deadline
	if a.child == nil {
		a.nextStart = time.After(0)
		return
	}
	a.intent = again
	a.stop()
}

func (a *agent) finishRestart() {
	if a.restart == nil {
		return
	}
	var value any = a.restarted()
	if a.restart.job != nil && a.restart.job.value != nil {
		value = a.restart.job.value
	}
	if a.restart.job == nil {
		a.happened(state.EventRestart)
	}
	a.reply(a.restart.request, value, nil)
	a.restart = nil
	a.wake()
}

// restarted is what has become of a restart that did not fail.
func (a *agent) restarted() protocol.RestartResult {
	result := protocol.RestartResult{
		OldPID: a.restart.oldPID, NewPID: a.status.PID, Took: time.Since(a.restart.begun),
		Forced: a.restart.oldPID != 0 && a.status.LastExit != nil && a.status.LastExit.Forced,
	}
	switch {
	case a.child == nil:
		result.Now = protocol.RestartCompleted
	case a.Service.Probe == nil && a.Service.Settle == 0:
		result.Now = protocol.RestartRunning
	}
	return result
}

func (a *agent) failRestart(why string) {
	if a.restart == nil {
		return
	}
	a.reply(a.restart.request, nil, errors.New(why))
	a.restart = nil
	a.wake()
}

func (a *agent) reply(request *socket.Request, value any, failure error) {
	if failure != nil {
		failure = protocol.Error{Code: protocol.CodeOf(failure), Message: a.redact(failure.Error())}
	}
	request.Reply(value, failure)
}
