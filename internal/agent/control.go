package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"

	"dagger/stack/internal/state"
)

// The verbs of the control folder.
const (
	VerbRestart = "restart" // takes RestartArgs, or none; answers Restarted
	VerbStop    = "stop"    // no arguments and no value; answered before the agent ends
	VerbDump    = "dump"    // no arguments; answers Dumped
	VerbRestore = "restore" // takes Dumped; no value
	VerbLimits  = "limits"  // takes limits.Setting; answers Limited
	VerbSource  = "source"  // no arguments; answers tree.Tree: the source as it is
	VerbSync    = "sync"    // takes tree.Change, its files in state.Service.Incoming; no value
)

// RestartArgs say how a restart is meant.
type RestartArgs struct {
	Refuse bool `json:"refuse,omitempty"` // rather than wait for another request that is under way
}

// Busy is the answer to a restart that does not wait.
const Busy = "is being restarted, backed up or restored already"

// Restarted answers a restart.
type Restarted struct {
	OldPID int           `json:"oldPid"` // 0: none ran
	NewPID int           `json:"newPid"`
	Took   time.Duration `json:"took"`             // from the request to the first healthy probe
	Forced bool          `json:"forced,omitempty"` // the old process did not stop in its time and was killed
}

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
			a.reply(request, nil, errors.New(Busy))
		} else if code, last := a.handle(request); last {
			return code, last
		}
	}
	return 0, false
}

// refuses tells whether a request is not to wait.
func refuses(request state.Request) bool {
	var args RestartArgs
	return request.Verb == VerbRestart && json.Unmarshal(request.Args, &args) == nil && args.Refuse
}

func (a *agent) handle(request state.Request) (code int, last bool) {
	switch request.Verb {
	case VerbRestart:
		a.log.Note("restart requested")
		a.beginRestart(request)
	case VerbStop:
		a.log.Note("stop requested")
		a.reply(request, nil, nil)
		return a.end()
	case VerbDump:
		a.dump(request)
	case VerbRestore:
		a.restore(request)
	case VerbLimits:
		a.changeLimits(request)
	case VerbSource:
		a.source(request)
	case VerbSync:
		a.sync(request)
	default:
		a.reply(request, nil, fmt.Errorf("request %q is not known to this agent: was the stack started by another version?", request.Verb))
	}
	return 0, false
}

func (a *agent) beginRestart(request state.Request) {
	a.restart = &restart{request: request, oldPID: a.status.PID, begun: time.Now()}
	a.status.Phase, a.status.Health = state.Restarting, state.Starting
	a.beat() // and from now on every second: somebody waits, and has a deadline
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
		value = Restarted{
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
		failure = errors.New(a.redact(failure.Error()))
	}
	if err := a.folder.Reply(request, value, failure); err != nil {
		a.log.Note("answer not written: " + err.Error())
	}
}
