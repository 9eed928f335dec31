package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Sends a signal to a running service's process, and answers with its pid
//
// For servers that read their configuration anew at SIGHUP and their like. What becomes of a process that ends by it, the
// service's restart policy says: with the default it is started again, as after a crash. To end the stack there is stop.
//
// +cache="never"
func (m *Stack) Kill(
	ctx context.Context,
	// Which service, e.g. backend, also one of your own.
	service string,
	// Which signal, by its name with or without SIG, e.g. SIGHUP or USR1, or by its number.
	//
	// +optional
	// +default="SIGKILL"
	signal string,
) (string, error) {
	return m.ask(ctx, command.Kill, control.KillRequest{Service: service, Signal: signal})
}
