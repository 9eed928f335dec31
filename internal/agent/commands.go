package agent

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// moment is when commands run beside a process, in compose's words.
type moment string

const (
	postStart moment = "post_start"
	preStop   moment = "pre_stop"
)

// commandsRan tells that the commands of one moment have ended, all of them or up to the first that failed.
type commandsRan struct {
	of   *child
	when moment
	err  error
}

// runCommands runs commands beside the loop, one after the other.
func (a *agent) runCommands(of *child, when moment, commands []spec.Command, timeout time.Duration) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		ran := commandsRan{of: of, when: when}
		for _, command := range commands {
			if ran.err = a.runCommand(ctx, of, command); ran.err != nil {
				break
			}
		}
		a.ran <- ran
	}()
}

// runCommand runs one. What it prints is in the service's log.
func (a *agent) runCommand(ctx context.Context, of *child, command spec.Command) error {
	user, rights := a.user, a.rights()
	if command.User != "" {
		var err error
		if user, err = process.LookupUserAsDocker(command.User, a.Service.Process.Groups); err != nil {
			return err
		}
		if command.Root && a.isolated() {
			rights.Root, rights.Capabilities = true, a.Service.Process.Capabilities
		}
	}
	env, err := a.environWith(command.Env, user.Home)
	if err != nil {
		return err
	}
	cmd, err := a.command(of, command.Args, env)
	if err != nil {
		return err
	}
	cmd.User, cmd.Rights, cmd.Dir = user, rights, cmp.Or(command.Workdir, cmd.Dir)
	output, code, err := a.reaper.Output(ctx, cmd, nil)
	_ = a.log.Copy(logstore.Stdout, strings.NewReader(output))
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(command.Args, " "), err)
	}
	return nil
}

// commandsEnded goes on with what the commands were to come before. Those of a process that is gone say nothing about the
// next.
func (a *agent) commandsEnded(ran commandsRan) {
	if ran.of != a.child {
		return
	}
	failed := ""
	if ran.err != nil {
		failed = fmt.Sprintf("%s: %v", ran.when, ran.err)
		a.log.Note(failed)
	}
	if ran.when == preStop {
		a.askToStop()
		return
	}
	a.status.PostStarting = false
	switch {
	case failed != "":
		a.status.Why = a.redact(failed)
		a.failRestart(a.status.Why)
	case a.child.stopping:
	case a.child.probe == nil:
		a.runs()
	case a.child.machine.Health == state.Healthy:
		a.happened(state.EventHealthStatus + string(state.Healthy))
		a.healthy()
	}
	a.publish()
}
