package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// restart is one that is under way.
type restart struct {
	request state.Request
	oldPID  int
	begun   time.Time
	silent  bool // answered without a value: the restart was only part of what was asked
}

// watchControl wakes the loop when a request is put into the folder.
func (a *agent) watchControl(ctx context.Context) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return // the heartbeat looks too
	}
	defer watcher.Close()
	if watcher.Add(a.folder.Control()) != nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-watcher.Events:
			a.wake()
		}
	}
}

// wake makes the loop look into the control folder.
func (a *agent) wake() {
	select {
	case a.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// serve takes up waiting requests, oldest first, one at a time: while a restart is under way the next one waits
// in the folder, where its sender can still take it back.
func (a *agent) serve() (code int, last bool) {
	if a.restart != nil && time.Now().After(a.restart.request.Deadline) {
		a.failRestart(fmt.Sprintf("not healthy within %s", time.Since(a.restart.begun).Round(time.Second)))
	}
	requests, err := a.folder.Requests(a.status.Instance)
	if err != nil {
		a.log.Note("control folder: " + err.Error())
	}
	for _, request := range requests {
		busy := a.restart != nil || a.job != nil
		if busy && !refuses(request) {
			continue
		}
		if err := a.folder.Take(request); err != nil {
			continue // its sender took it back
		}
		if busy {
			a.reply(request, nil, protocol.Errorf(protocol.CodeBusy, "is being restarted, backed up or restored already"))
		} else if code, last := a.handle(request); last {
			return code, last
		}
	}
	return 0, false
}

// refuses tells whether a request is not to wait.
func refuses(request state.Request) bool {
	var args protocol.RestartArgs
	return request.Verb == protocol.VerbRestart && json.Unmarshal(request.Args, &args) == nil && args.Refuse
}

func (a *agent) handle(request state.Request) (code int, last bool) {
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
	case protocol.VerbRestore:
		a.restore(request)
	case protocol.VerbLimits:
		a.changeLimits(request)
	case protocol.VerbSource:
		a.readSource(request)
	case protocol.VerbSync:
		a.syncSource(request)
	default:
		a.reply(request, nil, fmt.Errorf("request %q is not known to this agent: was the stack started by another version?", request.Verb))
	}
	return 0, false
}

func (a *agent) beginRestart(request state.Request) {
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
	var value any
	if !a.restart.silent {
		value = protocol.RestartResult{
			OldPID: a.restart.oldPID, NewPID: a.status.PID, Took: time.Since(a.restart.begun),
			Forced: a.restart.oldPID != 0 && a.status.LastExit != nil && a.status.LastExit.Forced,
		}
	}
	a.reply(a.restart.request, value, nil)
	a.restart = nil
	a.wake()
}

func (a *agent) failRestart(why string) {
	if a.restart == nil {
		return
	}
	a.reply(a.restart.request, nil, errors.New(why))
	a.restart = nil
	a.wake()
}

func (a *agent) reply(request state.Request, value any, failure error) {
	if failure != nil {
		failure = protocol.Error{Code: protocol.CodeOf(failure), Message: a.redact(failure.Error())}
	}
	if err := a.folder.Reply(request, value, failure); err != nil {
		a.log.Note("answer not written: " + err.Error())
	}
}
