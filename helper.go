package main

import (
	"context"
	"strings"
	"time"

	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/build"
	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/install"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/seal"
)

// The module's own binary is the agent in every container: see package boot for how it gets here without a session.
func init() {
	if boot.IsAgent() {
		command.Main()
	}
}

// stateVolume is where the stack's agents keep its state. A volume is what its arguments are: this is the one place
// that makes it, and it is mounted without options.
func (m *Stack) stateVolume() *dagger.CacheVolume {
	if m.Folder != "" {
		return dag.CacheVolume("stacks-state") // volumes cannot be deleted: those without one share it
	}
	return stateOf(m.name())
}

// stateOf is the state volume of the stack of a name.
func stateOf(name string) *dagger.CacheVolume { return dag.CacheVolume("stack-" + name + "-state") }

// name is the stack's, also where nobody has said it: a Stack without one is the same in every folder, so that the engine need not make it
// anew in each call.
func (m *Stack) name() string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Ephemeral:
		return folder.Own()
	}
	return folder.Here().Stack
}

// dataVolume is one service's data.
func (m *Stack) dataVolume(name string) *dagger.CacheVolume {
	return dag.CacheVolume("stack-" + m.name() + "-data-" + name)
}

// helper is a container with nothing in it but the agent and the stack's state: it needs no image.
func (m *Stack) helper() (*dagger.Container, error) {
	agent, err := install.With(true)
	if err != nil {
		return nil, err
	}
	return dag.Container().
		With(agent).
		WithMountedCache(layout.State, m.stateVolume()), nil
}

// ask runs one of the agent's commands on the stack's state and returns what it prints. Its error is what the
// command said, and nothing else.
func (m *Stack) ask(ctx context.Context, verb string, request any, opts ...dagger.ContainerWithExecOpts) (string, error) {
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	return m.askIn(ctx, helper, verb, request, opts...)
}

// askIn is ask in a helper that has more than the state.
func (m *Stack) askIn(ctx context.Context, helper *dagger.Container, verb string, request any, opts ...dagger.ContainerWithExecOpts) (string, error) {
	done, err := m.run(ctx, helper, verb, request, opts...)
	if err != nil {
		return "", err
	}
	return done.Stdout(ctx)
}

// askSealed is ask for an answer with secrets in it: the engine's disk keeps what a helper prints.
func (m *Stack) askSealed(ctx context.Context, verb string, request any) (string, error) {
	return seal.Answer(func(public string) (string, error) {
		return m.ask(ctx, verb, control.Sealed{Request: request, Seal: public})
	})
}

// askPrivileged asks with the privileges that services will have: an engine that forbids them answers here with an error, but
// never answers the start of a service. It takes a third of a second, because Dagger makes a network for each container with
// privileges, where others get one from a pool.
func (m *Stack) askPrivileged(ctx context.Context, verb string, request any) (string, error) {
	text, err := m.ask(ctx, verb, request, dagger.ContainerWithExecOpts{InsecureRootCapabilities: !m.Unprivileged})
	return text, build.PrivilegeError(err)
}

// noAgent is what runc says at the end when the agent is not on its volume: this build of it was never run on this engine, or the engine's cache
// was lost.
const noAgent = "stat " + layout.Agent + ": no such file or directory"

// run runs one of the agent's commands in a helper, and installs the agent first where it is missing: to find out costs
// nothing that way.
func (m *Stack) run(ctx context.Context, helper *dagger.Container, verb string, request any, opts ...dagger.ContainerWithExecOpts) (*dagger.Container, error) {
	call, err := control.NewCall(m.name(), m.Folder, request)
	if err != nil {
		return nil, err
	}
	args := []string{layout.Agent, verb, call}
	done, err := try(ctx, helper, args, opts...)
	if err == nil || !strings.HasSuffix(err.Error(), noAgent) {
		return done, err
	}
	if err := install.Install(ctx); err != nil {
		return nil, err
	}
	return try(ctx, helper, args, opts...)
}

func try(ctx context.Context, helper *dagger.Container, args []string, opts ...dagger.ContainerWithExecOpts) (*dagger.Container, error) {
	opts = append(opts, dagger.ContainerWithExecOpts{Expect: dagger.ReturnTypeAny, NoInit: true}) // it starts nothing that has to be reaped
	done := helper.
		// What the volume holds is no part of the cache key: without the time, an old answer would come back.
		WithEnvVariable("ASKED", time.Now().Format(time.RFC3339Nano)).
		WithExec(args, opts...)
	code, err := done.ExitCode(ctx)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		message, err := done.Stderr(ctx)
		if err != nil {
			return nil, err
		}
		return done, protocol.FromExit(code, strings.TrimSpace(message))
	}
	return done, nil
}
