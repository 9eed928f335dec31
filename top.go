package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Prints the processes of each service, a line each
//
// Works from any terminal, and for images without ps. What exec, probes and hooks run beside the service's own process is
// there, too. CPU time counts from the beginning of the process; the memory is what is resident. Fails when the stack does not
// run.
//
// +cache="never"
func (m *Stack) Top(
	ctx context.Context,
	// One service, e.g. backend, also one of your own. All, unless given.
	//
	// +optional
	service string,
	// How the lines are printed: text or json.
	//
	// +optional
	// +default="text"
	format string,
) (string, error) {
	return m.ask(ctx, command.Top, control.TopRequest{Service: service, Format: format})
}
