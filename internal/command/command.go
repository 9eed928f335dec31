// Package command is what the binary does when it is not a Dagger function: the agent in a service's container,
// and its helpers.
package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/control"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
	"dagger/stack/internal/seal"
	"dagger/stack/internal/state"
)

// The commands of the binary. Those of a Dagger function have one argument, a control.Call as JSON with the request that
// is named here, or none.
const (
	Run     = "run"     // FOLDER: be the agent of the service that layout.Spec describes
	OneOff  = "one-off" // FOLDER: run the command of the service that layout.Spec describes to its end, and write layout.Result
	Ready   = "ready"   // NAME FOLDER: wait until the service of this container is healthy
	Install = "install" // put this binary where layout.Agent is
	Wait    = "wait"    // WaitRequest: print what becomes of services that are being started, as JSON
	Gateway = "gateway" // GatewayRequest: forward the published ports and serve the API
	Token   = "token"   // print the token of the API
	Begin   = "begin"   // BeginRequest: see control.Begin
	Here    = "here"    // print whether an up of this session runs the stack, true or false
	GiveUp  = "give-up" // the up of this session has failed
	Contest = "contest" // fail if another session runs the stack
	Logs    = "logs"    // LogsRequest: print log lines
	Last    = "last"    // LastLinesRequest: print the end of an error, with the last lines of the service whose failure it is
	Health  = "health"  // HealthRequest: print a report; the report is the error when it is bad
	Report  = "report"  // print a report as JSON, whatever it says
	Restart = "restart" // RestartRequest: restart services
	Stop    = "stop"    // end the stack
	Stats   = "stats"   // StatsRequest: print what services use
	Limits  = "limits"  // LimitsRequest: change the limits of a running service
	Volumes = "volumes" // print the names of the data volumes
	Forget  = "forget"  // remove the stack's folder from a shared volume
	Reset   = "reset"   // ResetRequest: drop what the stack has kept
	Backup  = "backup"  // write an archive to layout.Output
	Restore = "restore" // bring back the archive at layout.Input
	Top     = "top"     // TopRequest: print the processes of services
	Kill    = "kill"    // KillRequest: send a signal to a service
	Events  = "events"  // EventsRequest: print events of services
	Pause   = "pause"   // PauseRequest: hold a service's processes, or those of all
	Unpause = "unpause" // PauseRequest: let them go on
	Exec    = "execute" // ("exec" is the init of package process) ExecRequest, stdin at layout.Input: run a command in a service, write its protocol.ExecResult to layout.Output if it fails
	Attach  = "attach"  // ExecRequest: run a command in a service, in the terminal of this process
	Sources = "sources" // SourcesRequest: print what of which services can be synced, as JSON
	Sync    = "sync"    // SyncRequest: change the source of running services
	Bring   = "bring"   // SyncRequest: the same for who watches, print a control.Batch as JSON

	Snapshot     = "snapshot"      // SnapshotRequest: copy the data of all services, by name
	Rollback     = "rollback"      // SnapshotRequest: bring it back
	Snapshots    = "snapshots"     // SnapshotsRequest: print which there are
	Clone        = "clone"         // CloneRequest: make databases of one, print their addresses
	Clones       = "clones"        // CloneRequest: the same, print []control.Clone as JSON
	DropSnapshot = "drop-snapshot" // DropSnapshotRequest: drop one, and its clones

	CopyFrom     = "copy-from"      // CopyRequest: write a folder of a service to its To
	CopyFileFrom = "copy-file-from" // CopyRequest: write a file of a service to its To
	CopyTo       = "copy-to"        // CopyRequest: write what its From has into a folder of a service
)

// command does what its arguments say, and returns the exit code that the process should have if there is no error.
type command func(ctx context.Context, args []string) (code int, err error)

// commands are all of them. What a verb's file in package control declares makes most rows: what it does, and how its result says itself.
var commands = map[string]command{
	Run:     run,
	OneOff:  oneOff,
	Ready:   ready,
	Install: func(context.Context, []string) (int, error) { return 0, install() },
	Wait:    calls(wait),
	Gateway: calls(serve),
	Token:   calls(func(_ context.Context, a asked[none]) error { return a.line(a.token()) }),
	Begin:   calls(begin),
	Here:    calls(func(_ context.Context, a asked[none]) error { return a.json(a.Runs()) }),
	GiveUp:  calls(func(_ context.Context, a asked[none]) error { return a.State.GiveUp(a.Session) }),
	Contest: calls(func(_ context.Context, a asked[none]) error { return a.Contest() }),
	Logs:    calls(logs),
	Last: calls(func(_ context.Context, a asked[control.LastLinesRequest]) error {
		fmt.Print(a.LastLines(a.request))
		return nil
	}),
	Health:  calls(health),
	Report:  calls(func(_ context.Context, a asked[none]) error { return a.json(a.Report("")) }),
	Restart: tells(control.Client.Restart),
	Stop:    calls(stop),
	Stats:   calls(stats),
	Limits:  says(control.Client.SetLimits),
	Volumes: calls(volumes),
	Forget:  calls(forget),
	Reset:   says(control.Client.Reset),
	Backup: calls(func(ctx context.Context, a asked[none]) error {
		return a.Backup(ctx, layout.Output, func(line string) { fmt.Println(line) })
	}),
	Restore: calls(func(ctx context.Context, a asked[none]) error { return a.Restore(ctx, layout.Input, say) }),
	Top: calls(func(ctx context.Context, a asked[control.TopRequest]) error {
		top, err := a.Top(ctx, a.request)
		if err != nil {
			return err
		}
		return a.line(render.Top(top, a.request.Format))
	}),
	Kill:    says(control.Client.Kill),
	Events:  calls(events),
	Pause:   tells(control.Client.Pause),
	Unpause: tells(control.Client.Unpause),
	Exec:    calls(exec),
	Attach:  calls(attach),
	Sources: calls(func(_ context.Context, a asked[control.SourcesRequest]) error { return a.json(a.Editable(a.request)) }),
	Sync: calls(func(ctx context.Context, a asked[control.SyncRequest]) error {
		return a.Sync(ctx, a.request, say, say)
	}),
	Bring: calls(bring),

	Snapshot:     tells(control.Client.Snapshot),
	Rollback:     tells(control.Client.Rollback),
	Snapshots:    calls(snapshots),
	Clone:        calls(clone),
	Clones:       gives(control.Client.Clones),
	DropSnapshot: tells(control.Client.DropSnapshot),

	CopyFrom:     calls(func(ctx context.Context, a asked[control.CopyRequest]) error { return a.CopyFrom(ctx, a.request) }),
	CopyFileFrom: calls(func(ctx context.Context, a asked[control.CopyRequest]) error { return a.CopyFileFrom(ctx, a.request) }),
	CopyTo:       says(control.Client.CopyTo),
}

// gives makes a command of what answers with a value: it prints the value as JSON.
func gives[R, V any](do func(control.Client, context.Context, R) (V, error)) command {
	return calls(func(ctx context.Context, a asked[R]) error { return a.json(do(a.Client, ctx, a.request)) })
}

// says makes a command of what answers with a value that has a text.
func says[R any, V fmt.Stringer](do func(control.Client, context.Context, R) (V, error)) command {
	return calls(func(ctx context.Context, a asked[R]) error {
		value, err := do(a.Client, ctx, a.request)
		return a.line(value.String(), err)
	})
}

// tells makes a command of what hands on such values as they come.
func tells[R any, V fmt.Stringer](do func(control.Client, context.Context, R, func(V)) error) command {
	return calls(func(ctx context.Context, a asked[R]) error { return do(a.Client, ctx, a.request, say[V]) })
}

// say prints a value's text.
func say[V fmt.Stringer](value V) { fmt.Println(value) }

// asked is one request of a Dagger function, about one stack. What it prints is the answer.
type asked[R any] struct {
	control.Client
	request R
	seal    string // the key that the answer is sealed with, if it is secret
}

// none is the request of a command that has none.
type none struct{}

// calls makes a command of what answers a control.Call.
func calls[R any](answer func(context.Context, asked[R]) error) command {
	return func(ctx context.Context, args []string) (int, error) {
		var call control.Call[R]
		if err := json.Unmarshal([]byte(argument(args, 0)), &call); err != nil {
			return 0, fmt.Errorf("argument: %w", err)
		}
		session, err := ownSession()
		if err != nil {
			return 0, err
		}
		stack := control.Client{Name: call.Stack, State: stateIn(call.Folder), Session: session}
		return 0, answer(ctx, asked[R]{stack, call.Request, call.Seal})
	}
}

// line prints a text, if there is no error.
func (a asked[R]) line(text string, err error) error {
	if err == nil {
		err = a.print(text + "\n")
	}
	return err
}

// json prints a value, if there is no error.
func (a asked[R]) json(value any, err error) error {
	if err == nil {
		var text []byte
		if text, err = json.Marshal(value); err == nil {
			err = a.print(string(text) + "\n")
		}
	}
	return err
}

// print prints a part of the answer, sealed if that was asked for.
func (a asked[R]) print(text string) (err error) {
	if a.seal != "" {
		if text, err = seal.Seal(a.seal, text); err != nil {
			return err
		}
	}
	_, err = os.Stdout.WriteString(text)
	return err
}

func stateIn(folder string) state.Stack { return state.At(filepath.Join(layout.State, folder)) }

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

// Main runs a command and ends the process.
func Main() {
	code, err := dispatch(context.Background(), os.Args[1:])
	if err != nil {
		if text := plain.Printable(err.Error()); text != "" { // on stderr there may be what a command has said
			fmt.Fprintln(os.Stderr, text)
		}
		code = protocol.ExitCode(err)
	}
	os.Exit(code)
}

func dispatch(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 0, fmt.Errorf("%s: want a command", boot.Name)
	}
	command, found := commands[args[0]]
	if !found {
		return 0, fmt.Errorf("%s: no command %q", boot.Name, args[0])
	}
	return command(ctx, args[1:])
}
