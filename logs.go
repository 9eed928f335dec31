package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Prints the log of one service, or of all together in order of time
//
// Works from any terminal while the stack runs, and after it has ended, crashed or was killed. Reads what the
// agents kept: up to 64 MiB a service, unless --log-max-size and --log-max-files said otherwise to up. Costs as much
// as the lines it prints, not as the log.
//
// +cache="never"
func (m *Stack) Logs(
	ctx context.Context,
	// One service, e.g. backend, also one of your own. All, each line with its service's name, unless given.
	//
	// +optional
	service string,
	// The last so many lines of those that match: 1 to 10000, or all. Where earlier lines match, too, the call's progress output says so.
	//
	// +optional
	// +default="100"
	tail string,
	// Lines since then: a duration before now such as 10m, or a time in RFC 3339.
	//
	// +optional
	since string,
	// Lines until then: a duration before now, or a time in RFC 3339.
	//
	// +optional
	until string,
	// Lines that match this regular expression (RE2).
	//
	// +optional
	grep string,
	// Only "stdout" or "stderr". The stack's own messages are on stderr and begin with [stack].
	//
	// +optional
	stream string,
	// Begin each line with the time it was captured, RFC 3339 in UTC with nanoseconds.
	//
	// +optional
	timestamps bool,
	// How the lines are printed: text or json.
	//
	// +optional
	// +default="text"
	format string,
	// Print new lines as they come, in the call's progress output, until interrupted or until the stack ends.
	//
	// +optional
	follow bool,
) (string, error) {
	lines, err := control.ParseTail(tail)
	if err != nil {
		return "", err
	}
	return m.ask(ctx, command.Logs, control.LogsRequest{
		Service: service, Tail: lines, Since: since, Until: until, Grep: grep, Stream: stream,
		Timestamps: timestamps, Format: format, Follow: follow,
	})
}
