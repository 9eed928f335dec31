package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Pauses a running service: its processes are held where they are, until unpause
//
// Its connections stay open, and nobody answers. The health stays what it was, since no probe runs; `health`, the dashboard and the
// API say "paused", and `health` fails. A paused service can be restarted, stopped and killed; what would run a command in it
// fails. Answers with a line for each service.
//
// +cache="never"
func (m *Stack) Pause(
	ctx context.Context,
	// Which service, e.g. backend, also one of your own. All that run, unless given.
	//
	// +optional
	service string,
) (string, error) {
	return m.ask(ctx, command.Pause, control.PauseRequest{Service: service})
}

// Lets a paused service go on, and answers with a line for each service
//
// +cache="never"
func (m *Stack) Unpause(
	ctx context.Context,
	// Which service. All that are paused, unless given.
	//
	// +optional
	service string,
) (string, error) {
	return m.ask(ctx, command.Unpause, control.PauseRequest{Service: service})
}
