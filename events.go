package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Prints what has happened to the services, a line for each event, in Docker's words
//
// start, die (with the exit code), oom, kill, stop, restart, pause, unpause, update (of limits), health_status: healthy or unhealthy,
// exec_start with the command, exec_die. Works from any terminal, also after the stack has ended. Of each service some thousand
// events are kept.
//
// +cache="never"
func (m *Stack) Events(
	ctx context.Context,
	// One service, e.g. backend, also one of your own. All, in order of time, unless given.
	//
	// +optional
	service string,
	// The last so many events of those that match, 1 to 10000.
	//
	// +optional
	// +default=100
	tail int,
	// Events since then: a duration before now such as 10m, or a time in RFC 3339.
	//
	// +optional
	since string,
	// Events until then: a duration before now, or a time in RFC 3339.
	//
	// +optional
	until string,
	// How the events are printed: text or json, an object a line.
	//
	// +optional
	// +default="text"
	format string,
	// Print events as they come, in the call's progress output, until interrupted or until the stack ends.
	//
	// +optional
	follow bool,
) (string, error) {
	return m.ask(ctx, command.Events, control.EventsRequest{Service: service, Tail: tail, Since: since, Until: until, Format: format, Follow: follow})
}
