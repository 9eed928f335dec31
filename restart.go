package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Restarts one service of a running stack and waits until it is healthy again
//
// Works from any terminal. The service is stopped gracefully and started in place, with the code and the settings it
// was started with; the others keep running. Answers with the old and the new process and the seconds it took. Fails
// when the stack does not run, the service is unknown, or it does not come back; the error then holds its last lines.
// Two restarts at once are done one after the other.
//
// +cache="never"
func (m *Stack) Restart(
	ctx context.Context,
	// Which service, e.g. backend, also one of your own.
	service string,
	// Restart the services that need this one too, after it and in order of need.
	//
	// +optional
	withDependents bool,
	// How long each may take to become healthy.
	//
	// +optional
	// +default="60s"
	timeout string,
) (string, error) {
	return traced(ctx, m, "restart", service, func(ctx context.Context) (string, error) {
		return m.ask(ctx, command.Restart, control.RestartRequest{Service: service, WithDependents: withDependents, Timeout: timeout})
	})
}

// Ends a running stack from any terminal, gracefully and in order: what needs others first
//
// The data stays. Answers with the seconds each service took.
//
// +cache="never"
func (m *Stack) Stop(ctx context.Context) (string, error) {
	return m.ask(ctx, command.Stop, nil)
}
