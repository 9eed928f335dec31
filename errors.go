package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// unreadable is what an engine says before why it cannot have a secret, the one of our mounts that may be missing
// (core/service.go: they are read when a container is about to start).
const unreadable = "prepare mounts: rpc error: code = Unknown desc = "

// startError says which service did not start, and shows the end of what that has printed since then, or the one that it waited for: unless another session was faster,
// and the output is that one's.
func (u *starts) startError(ctx context.Context, s spec.Service, err error) error {
	if _, why, found := strings.Cut(err.Error(), unreadable); found {
		return fmt.Errorf("a secret that the stack was given cannot be read: %s: want env://NAME of a variable that is set, file://PATH, "+
			"cmd://COMMAND or op://…, for --db-password, --redis-password, --secret-key and with-secret", plain.FirstLine(why))
	}
	if _, contested := u.ask(ctx, command.Contest, nil); contested != nil {
		return contested
	}
	text := fmt.Sprintf("%s did not become healthy: %s", s.Name, plain.FirstLine(err.Error()))
	if s.Mode == spec.ModeJob {
		text = fmt.Sprintf("the job %s failed: %s", s.Name, plain.FirstLine(err.Error()))
	}
	if s.Advice != "" {
		text += ": " + s.Advice
	}
	lines, _ := u.ask(ctx, command.Last, control.LastLinesRequest{Service: s.Name, Since: u.table.Begun})
	if hint := project.Hint(s, lines, func(name string) bool { return u.plan.files.LeftOut(ctx, name) }); hint != "" {
		text += ": " + hint
	}
	return errors.New(text + lines)
}

// exitError is an error with which the CLI ends with that exit code, as with the one of a command of the engine's own. The CLI
// shows what stands in stdout and stderr by itself.
func exitError(code int, text string, command []string, stdout, stderr string) error {
	return &gqlerror.Error{Message: text, Extensions: map[string]any{
		"_type": "EXEC_ERROR", "exitCode": code, "cmd": command, "stdout": stdout, "stderr": stderr,
	}}
}
