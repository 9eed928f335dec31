package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// execTimeout is how long the beginning of a command may take: one that comes during a restart waits for its end.
const execTimeout = time.Minute

// Exec runs a command in a running service and returns how it ended. When the context ends, the command does. A nil stdin is
// empty.
func (c Client) Exec(ctx context.Context, r protocol.ExecRequest, stdin io.Reader, stdout, stderr io.Writer) (result protocol.ExecResult, err error) {
	args, err := execArgs(r)
	if err != nil {
		return result, err
	}
	service, err := c.running(r.Service)
	if err != nil {
		return result, err
	}
	stream, err := socket.Open(ctx, service, protocol.VerbExec, args, execTimeout)
	if err != nil {
		return result, noAnswer(err, execTimeout)
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, func() { stream.Close() })()
	if r.Input {
		go send(socket.FramesTo(stream), stdin)
	}
	for {
		kind, text, err := socket.ReadFrame(stream)
		if err != nil {
			if ctx.Err() != nil {
				return result, context.Cause(ctx)
			}
			return result, notRunning("%s has ended while the command ran, and the command with it", r.Service)
		}
		switch kind {
		case socket.FrameStdout:
			_, err = stdout.Write(text)
		case socket.FrameStderr:
			_, err = stderr.Write(text)
		case socket.FrameResult:
			return result, json.Unmarshal(text, &result)
		}
		if err != nil {
			return result, err
		}
	}
}

// send sends all of a stdin, and its end.
func send(frames *socket.Frames, stdin io.Reader) {
	if _, err := io.Copy(frames.As(socket.FrameStdin), stdin); err == nil {
		_ = frames.Write(socket.FrameStdin, nil)
	}
}

func execArgs(r protocol.ExecRequest) (args protocol.ExecArgs, err error) {
	args = protocol.ExecArgs{Command: r.Command, Env: r.Env, Workdir: r.Workdir, Input: r.Input, Reveal: r.Reveal}
	switch {
	case r.Service == "":
		return args, invalid("which service? Name it with --service")
	case len(r.Command) == 0:
		return args, invalid(`command: want one program and its arguments, such as "alembic upgrade head"; what needs a shell is sh -c '…'`)
	}
	if r.Timeout != "" {
		if args.Timeout, err = parseTimeout(r.Timeout); err != nil {
			return args, err
		}
	}
	return args, nil
}

// ExecError says how a command has failed; nil for one that has not.
func ExecError(r protocol.ExecRequest, result protocol.ExecResult) error {
	command := strings.Join(r.Command, " ")
	switch {
	case result.TimedOut:
		return fmt.Errorf("%s: %q did not end within %s and was killed", r.Service, command, r.Timeout)
	case result.Signal != "":
		return fmt.Errorf("%s: %q was ended by %s", r.Service, command, result.Signal)
	case result.Code != 0:
		return fmt.Errorf("%s: %q ended with exit code %d", r.Service, command, result.Code)
	}
	return nil
}
