package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
)

// The module's own binary is the agent in every container: see package boot for how it gets here without a session.
func init() {
	if boot.IsAgent() {
		command.Main()
	}
}

// agent is this very binary, as a file for other containers.
func (m *Stack) agent() (*dagger.File, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// The engine hands out files of the function's working folder, which the binary is not in.
	if err := copyFile(self, boot.Name); err != nil {
		return nil, err
	}
	return dag.CurrentModule().WorkdirFile(boot.Name), nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// stateVolume is where the stack's agents keep its state. A volume is what its arguments are: this is the one place
// that makes it, and it is mounted without options.
func (m *Stack) stateVolume() *dagger.CacheVolume {
	if m.Folder != "" {
		return dag.CacheVolume("stacks-state") // volumes cannot be deleted: those without one share it
	}
	return dag.CacheVolume("stack-" + m.Name + "-state")
}

// dataVolume is one service's data.
func (m *Stack) dataVolume(name string) *dagger.CacheVolume {
	return dag.CacheVolume("stack-" + m.Name + "-data-" + name)
}

// helper is a container with nothing in it but the agent and the stack's state: it needs no image.
func (m *Stack) helper() (*dagger.Container, error) {
	agent, err := m.agent()
	if err != nil {
		return nil, err
	}
	return dag.Container().
		WithFile(layout.Agent, agent, dagger.ContainerWithFileOpts{Permissions: 0o700}).
		WithMountedCache(layout.State, m.stateVolume()), nil
}

// ask runs one of the agent's commands on the stack's state and returns what it prints. Its error is what the
// command said, and nothing else.
func (m *Stack) ask(ctx context.Context, verb string, request any) (string, error) {
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	done, err := run(ctx, helper, verb, request)
	if err != nil {
		return "", err
	}
	return done.Stdout(ctx)
}

// run runs one of the agent's commands in a helper.
func run(ctx context.Context, helper *dagger.Container, verb string, request any) (*dagger.Container, error) {
	arg, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	done := helper.
		// What the volume holds is no part of the cache key: without the time, an old answer would come back.
		WithEnvVariable("ASKED", time.Now().Format(time.RFC3339Nano)).
		WithExec([]string{layout.Agent, verb, string(arg)}, dagger.ContainerWithExecOpts{Expect: dagger.ReturnTypeAny})
	code, err := done.ExitCode(ctx)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		message, err := done.Stderr(ctx)
		if err != nil {
			return nil, err
		}
		return nil, errors.New(strings.TrimSpace(message))
	}
	return done, nil
}
