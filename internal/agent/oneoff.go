package agent

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// leftOutput is how long the end of a command's output may take to be read, when the command has ended.
const leftOutput = time.Minute

// OneOff runs the service's command to its end, beside the services of a stack that runs, and passes its output on. It is no service of
// the stack: the stack knows nothing of it. What an agent keeps of a service is in the folder dir, which is gone at the end.
func OneOff(ctx context.Context, cfg Config, dir string) (result protocol.RunResult, err error) {
	defer os.RemoveAll(dir)
	cfg.Whole = true
	cfg.Service.Log = spec.Log{MaxSize: 1 << 20, MaxFiles: 2}
	a, err := newAgent(cfg, state.At(dir).Service(cfg.Service.Name))
	if err != nil {
		return result, err
	}
	if err := a.folder.Create(); err != nil {
		return result, err
	}
	if err := a.prepare(); err != nil {
		return result, err
	}
	defer a.log.Close()
	defer a.events.Close()
	defer a.enforcer.Close()
	signal.Notify(a.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(a.signals)
	if err := a.needsNow(ctx); err != nil {
		return result, err
	}
	if err := a.launch(); err != nil {
		return protocol.RunResult{Code: 127, Why: "it cannot be started: " + a.redact(err.Error())}, nil
	}
	exit := a.untilEnd(ctx)
	result = protocol.RunResult{Code: exit.Code, Why: a.redact(a.reason(exit))}
	a.reaper.KillAll()
	waitFor(&a.child.output, leftOutput)
	return result, nil
}

// untilEnd waits for the end of the command.
func (a *agent) untilEnd(ctx context.Context) process.Exit {
	watch := a.watch()
	defer watch.Stop()
	for done := ctx.Done(); ; {
		select {
		case exit := <-a.child.Done():
			return exit
		case <-watch.C:
			a.look()
		case <-a.signals:
			a.child.SignalGroup(syscall.SIGKILL)
		case <-done:
			done = nil
			a.child.SignalGroup(syscall.SIGKILL)
		}
	}
}

// needsNow waits until all that the service needs is as it has to be. What does not run is not waited for: somebody else would have to
// start it.
func (a *agent) needsNow(ctx context.Context) error {
	for _, need := range a.Service.DependsOn {
		for {
			met, why := a.check(need)
			if met || need.Optional && (why != "" || !a.State.Service(need.Service).Alive()) {
				break
			}
			if why == "" && !a.State.Service(need.Service).Alive() {
				why = "does not run: start the stack with it, or run the command under a --name that no stack has"
			}
			if why != "" {
				return fmt.Errorf("%s, which the command needs, %s", need.Service, why)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(needsPoll):
			}
		}
	}
	return nil
}

// pass hands on what the command has printed, redacted, as it comes.
func (a *agent) pass(stream logstore.Stream, chunk []byte) {
	to := a.Stdout
	if stream == logstore.Stderr {
		to = a.Stderr
	}
	_, _ = to.Write(chunk)
}
