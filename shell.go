package main

import (
	"cmp"
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
)

// Opens a shell in a running service: followed by `terminal`, with Dagger's progress as tty
//
// The shell is the service's bash, or sh where there is none. It runs as exec runs a command: as the service's user, in its
// folder, with its variables and files, within its limits, and with no more rights. Sizes, colours and Ctrl-C are a terminal's:
//
//	DAGGER_PROGRESS=tty dagger call shell --service backend terminal
//	DAGGER_PROGRESS=tty dagger call shell --service postgres --command "psql -U postgres app" terminal
//
// It ends with its call, with what it has started, and when the service ends or is restarted. Its exit code is not the CLI's,
// which is 0. Secrets that are printed at once are replaced by ***, as in logs; what is typed is shown. Fails when the service does
// not run.
//
// +cache="never"
func (m *Stack) Shell(
	ctx context.Context,
	// Which service, e.g. backend, also one of your own or of the compose file.
	service string,
	// What to run in the place of the shell: one program and its arguments, e.g. "python manage.py shell".
	//
	// +optional
	command string,
	// More variables, each NAME=VALUE.
	//
	// +optional
	env []string,
	// The folder to run in, from the service's own or from /. The service's, unless given.
	//
	// +optional
	workingDir string,
	// Leave secrets in the output.
	//
	// +optional
	reveal bool,
) (*dagger.Container, error) {
	request, err := control.ParseExec(service, cmp.Or(command, control.Shell), env)
	if err != nil {
		return nil, err
	}
	request.Workdir, request.Reveal = workingDir, reveal
	return m.attach(ctx, request)
}

// attach is a helper whose terminal is that of a command in a service that runs.
func (m *Stack) attach(ctx context.Context, request control.ExecRequest) (*dagger.Container, error) {
	if _, err := m.ask(ctx, command.Top, control.TopRequest{Service: request.Service}); err != nil {
		return nil, err
	}
	helper, err := m.helper()
	if err != nil {
		return nil, err
	}
	call, err := control.NewCall(m.name(), m.Folder, request)
	return helper.WithDefaultTerminalCmd([]string{layout.Agent, command.Attach, call}), err
}
