package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/protocol"
)

// Runs a command in a running service, and answers with what it prints on stdout
//
// The command runs beside the service's own process: as its user, in its folder, with its variables and files, within its
// limits, and with no more rights. Stdout and stderr are shown while it runs. Works from any terminal.
//
//	dagger call exec --service backend --command "alembic upgrade head"
//	dagger call exec --service postgres --command "psql -U postgres app -c 'select 1'"
//
// A command that fails is an error that holds its last 20 lines, and the CLI ends with the command's exit code, 128 + n for
// signal n. Fails also when the service does not run; a command that comes during a restart waits for its end. The command is
// killed with all that it has started when the call is interrupted, and when the service ends. Secrets in its output are
// replaced by ***, as in logs. Bytes that are no UTF-8 do not fit into the answer, which a line on stderr says: write them to a file.
//
// +cache="never"
func (m *Stack) Exec(
	ctx context.Context,
	// Which service, e.g. backend, also one of your own or of the compose file.
	service string,
	// One program and its arguments. Wrap what needs a shell as sh -c '…'.
	command string,
	// A file that the command reads as its stdin. Empty, unless given.
	//
	// +optional
	stdin *dagger.File,
	// More variables, each NAME=VALUE.
	//
	// +optional
	env []string,
	// The folder to run in, from the service's own or from /. The service's, unless given. (Dagger itself has a flag --workdir.)
	//
	// +optional
	workingDir string,
	// How long the command may take, e.g. 30s: then it is killed. As long as it wants, unless given.
	//
	// +optional
	timeout string,
	// Leave secrets in the output.
	//
	// +optional
	reveal bool,
) (string, error) {
	request, err := control.ParseExec(service, command, env)
	if err != nil {
		return "", err
	}
	request.Workdir, request.Timeout, request.Input, request.Reveal = workingDir, timeout, stdin != nil, reveal
	return m.exec(ctx, stdin, request)
}

func (m *Stack) exec(ctx context.Context, stdin *dagger.File, request control.ExecRequest) (string, error) {
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	if stdin != nil {
		helper = helper.WithFile(layout.Input, stdin)
	}
	done, err := m.run(ctx, helper, command.Exec, request)
	if err == nil {
		return done.Stdout(ctx)
	}
	if protocol.CodeOf(err) != protocol.CodeEnded {
		return "", err
	}
	result, err := control.Answer[protocol.ExecResult](done.File(layout.Output).Contents(ctx))
	if err != nil {
		return "", err
	}
	stdout, err := done.Stdout(ctx)
	if err != nil {
		return "", err
	}
	stderr, err := done.Stderr(ctx)
	if err != nil {
		return "", err
	}
	failure := plain.CommandError(control.ExecError(request, result).Error(), stdout, stderr)
	return "", exitError(result.Code, failure, request.Command, stdout, stderr)
}
