// Package command is what the binary does when it is not a Dagger function: the agent in a service's container,
// and its helpers.
package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/client"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// The commands of the binary; an argument, where there is one, is JSON.
const (
	Run     = "run"     // FOLDER: be the agent of the service that layout.Spec describes
	Ready   = "ready"   // NAME FOLDER: wait until the service of this container is healthy
	Wait    = "wait"    // WaitRequest: print what becomes of services that are being started, as JSON
	Gateway = "gateway" // GatewayRequest: forward the published ports and serve the API
	Token   = "token"   // Request: print the token of the API
	Install = "install" // put this binary where layout.Agent is
	Begin   = "begin"   // BeginRequest: see client.Begin
	Here    = "here"    // Request: print whether an up of this session runs the stack, true or false
	GiveUp  = "give-up" // Request: the up of this session has failed
	Contest = "contest" // Request: fail if another session runs the stack
	Logs    = "logs"    // LogsRequest: print log lines
	Health  = "health"  // HealthRequest: print a report; exit code 1 when it is bad
	Report  = "report"  // Request: print a report as JSON, whatever it says
	Restart = "restart" // RestartRequest: restart services
	Stop    = "stop"    // Request: end the stack
	Stats   = "stats"   // StatsRequest: print what services use
	Limits  = "limits"  // LimitsRequest: change the limits of a running service
	Volumes = "volumes" // Request: print the names of the data volumes
	Forget  = "forget"  // Request: remove the stack's folder from a shared volume
	Reset   = "reset"   // ResetRequest: drop what the stack has kept
	Backup  = "backup"  // Request: write an archive to layout.Output
	Restore = "restore" // Request: bring back the archive at layout.Input
	Sources = "sources" // SourcesRequest: print which services can be synced, as JSON
	Sync    = "sync"    // SyncRequest: change the source of running services
)

// Main runs a command and ends the process.
func Main() {
	if process.IsStage(os.Args) {
		process.Stage()
	}
	code, err := dispatch(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func dispatch(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 0, fmt.Errorf("%s: want a command", boot.Name)
	}
	arg, folder := argument(args, 1), argument(args, 2)
	switch args[0] {
	case Run:
		return run(ctx, stateIn(arg))
	case Ready:
		return 0, client.Client{State: stateIn(folder)}.Ready(ctx, arg, layout.Instance)
	case Gateway:
		return 0, with(arg, func(r GatewayRequest) error { return r.serve(ctx) })
	case Token:
		return 0, with(arg, func(r Request) error { return r.token(os.Stdout) })
	case Install:
		return 0, install()
	case Wait:
		return 0, with(arg, func(r WaitRequest) error { return r.print(ctx, os.Stdout) })
	case GiveUp:
		return 0, with(arg, func(r Request) error { return r.giveUp() })
	case Begin:
		return 0, with(arg, func(r BeginRequest) error { return r.begin(os.Stdout) })
	case Here:
		return 0, with(arg, func(r Request) error { return r.here(os.Stdout) })
	case Contest:
		return 0, with(arg, func(r Request) error { return r.contest() })
	case Logs:
		return 0, with(arg, func(r LogsRequest) error { return r.client().Logs(ctx, os.Stdout, r.LogsRequest) })
	case Health:
		return 0, with(arg, func(r HealthRequest) error { return r.print(ctx, os.Stdout) })
	case Report:
		return 0, with(arg, func(r Request) error { return r.report(os.Stdout) })
	case Restart:
		return 0, with(arg, func(r RestartRequest) error { return r.client().Restart(ctx, os.Stdout, r.RestartRequest) })
	case Stop:
		return 0, with(arg, func(r Request) error { return r.client().Stop(ctx, os.Stdout) })
	case Stats:
		return 0, with(arg, func(r StatsRequest) error { return r.client().Stats(ctx, os.Stdout, r.StatsRequest) })
	case Limits:
		return 0, with(arg, func(r LimitsRequest) error { return r.client().SetLimits(ctx, os.Stdout, r.LimitsRequest) })
	case Volumes:
		return 0, with(arg, func(r Request) error { return r.client().Volumes(os.Stdout) })
	case Forget:
		return 0, with(arg, func(r Request) error { return r.forget() })
	case Reset:
		return 0, with(arg, func(r ResetRequest) error { return r.client().Reset(os.Stdout, r.ResetRequest) })
	case Backup:
		return 0, with(arg, func(r Request) error { return r.client().Backup(ctx, layout.Output) })
	case Restore:
		return 0, with(arg, func(r Request) error { return r.client().Restore(ctx, os.Stdout, layout.Input) })
	case Sources:
		return 0, with(arg, func(r SourcesRequest) error { return r.print(os.Stdout) })
	case Sync:
		return 0, with(arg, func(r SyncRequest) error { return r.client().Sync(ctx, os.Stdout, r.SyncRequest) })
	}
	return 0, fmt.Errorf("%s: no command %q", boot.Name, args[0])
}

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

func with[T any](arg string, do func(T) error) error {
	var request T
	if err := json.Unmarshal([]byte(arg), &request); err != nil {
		return fmt.Errorf("argument: %w", err)
	}
	return do(request)
}

// cgroupName is what the service's cgroup is called, below the container's own.
const cgroupName = "service"

// garbage is how much of the live heap may be garbage before it is collected, in percent. There is an agent for every
// service, each with a small heap and little to do: half of Go's default keeps 1.4 MB of its 6.6 out of memory.
const garbage = 50

// run is the agent as installed in a container.
func run(ctx context.Context, stack state.Stack) (int, error) {
	debug.SetGCPercent(garbage)
	data, err := os.ReadFile(layout.Spec)
	if err != nil {
		return 0, err
	}
	var service spec.Service
	if err := json.Unmarshal(data, &service); err != nil {
		return 0, fmt.Errorf("%s: %w", layout.Spec, err)
	}
	session, err := ownSession()
	if err != nil {
		return 0, err
	}
	code, err := supervise(ctx, stack, service, session)
	if err != nil {
		// For who waits for it in another container: this one's output is nobody's any more.
		failure := state.Failure{Session: session, Time: time.Now(), Why: err.Error()}
		err = errors.Join(err, stack.Service(service.Name).WriteFailure(failure))
	}
	return code, err
}

// supervise is the agent's life.
func supervise(ctx context.Context, stack state.Stack, service spec.Service, session string) (int, error) {
	address, err := agent.OwnAddress()
	if err != nil {
		return 0, err
	}
	hosts, err := closeContainer()
	if err != nil {
		return 0, err
	}
	return agent.Run(ctx, agent.Config{
		Service: service, State: stack, Secrets: layout.Secrets,
		Address: address, Hosts: hosts, Instance: layout.Instance, Session: session, Environ: boot.Environ(), Confine: process.Full,
		Cgroup: cgroupName, Filter: layout.Filter,
		Stdout: os.Stdout, Stderr: os.Stderr,
	})
}
