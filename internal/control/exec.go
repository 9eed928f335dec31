package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"dagger/stack/internal/project"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// ExecRequest asks for a command to be run in a running service.
type ExecRequest struct {
	Service string
	Command []string
	Env     []string // NAME=VALUE, beside the service's own
	Workdir string   // empty: the service's; relative to it unless it begins with a slash
	Timeout string   // of the command, a duration; empty: none
	Input   bool     // there is a stdin; else it is empty
	Reveal  bool     // secrets in the output stay
	// Terminal is the size of a terminal that the command runs in; nil: its streams are apart.
	Terminal *protocol.Size
}

// execTimeout is how long the beginning of a command may take: one that comes during a restart waits for its end.
const execTimeout = time.Minute

// Command is one that runs in a service. It is killed when who holds it lets go.
type Command struct {
	service string
	stream  io.ReadWriteCloser
	frames  *socket.Frames
}

// Shell is the best shell that an image has.
const Shell = "sh -c 'command -v bash >/dev/null && exec bash; exec sh'"

// ParseExec reads what a user wants to be run: one program and its arguments, and variables NAME=VALUE.
func ParseExec(service, command string, env []string) (r ExecRequest, err error) {
	if service == "" {
		return r, errNoService
	}
	for _, pair := range env {
		if _, err := project.ParseEnv(pair); err != nil {
			return r, protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
		}
	}
	words, err := project.Command(command)
	if err != nil {
		return r, protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
	}
	return ExecRequest{Service: service, Command: words, Env: env}, nil
}

// Exec runs a command in a running service and returns how it ended. When the context ends, the command does. A nil stdin is
// empty.
func (c Client) Exec(ctx context.Context, r ExecRequest, stdin io.Reader, stdout, stderr io.Writer) (result protocol.ExecResult, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	command, err := c.Start(ctx, r)
	if err != nil {
		return result, err
	}
	defer command.Close()
	if r.Input {
		go func() {
			if err := command.Send(stdin); err != nil {
				cancel(err)
			}
		}()
	}
	return command.Wait(ctx, stdout, stderr)
}

// Start begins a command in a running service.
func (c Client) Start(ctx context.Context, r ExecRequest) (*Command, error) {
	args, err := execArgs(r)
	if err != nil {
		return nil, err
	}
	service, err := c.running(r.Service)
	if err != nil {
		return nil, err
	}
	stream, err := socket.Open(ctx, service, protocol.VerbExec, args, execTimeout)
	if err != nil {
		return nil, silent(r.Service, err, execTimeout)
	}
	return &Command{r.Service, stream, socket.FramesTo(stream)}, nil
}

// Close lets the command go.
func (c *Command) Close() error { return c.stream.Close() }

// Send hands on a stdin, and its end. The error is one of reading it: a command that reads no more is none.
func (c *Command) Send(stdin io.Reader) error {
	from := &source{Reader: stdin}
	_, _ = io.Copy(c.frames.As(socket.FrameStdin), from)
	if from.err != nil {
		return fmt.Errorf("the stdin of the command: %w", from.err)
	}
	_ = c.frames.Write(socket.FrameStdin, nil)
	return nil
}

// Type hands on what was typed in the command's terminal.
func (c *Command) Type(text []byte) error { return c.frames.Write(socket.FrameStdin, text) }

// Resize says that the terminal has another size.
func (c *Command) Resize(size protocol.Size) error {
	text, err := json.Marshal(size)
	if err != nil {
		return err
	}
	return c.frames.Write(socket.FrameResize, text)
}

// source remembers what was wrong with what is read.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(text []byte) (int, error) {
	n, err := s.Reader.Read(text)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// Wait hands on what the command prints, until it has ended.
func (c *Command) Wait(ctx context.Context, stdout, stderr io.Writer) (result protocol.ExecResult, err error) {
	defer context.AfterFunc(ctx, func() { c.Close() })()
	for {
		kind, text, err := socket.ReadFrame(c.stream)
		if err != nil {
			if ctx.Err() != nil {
				return result, context.Cause(ctx)
			}
			return result, notRunning("%s has ended while the command ran, and the command with it", c.service)
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

func execArgs(r ExecRequest) (args protocol.ExecArgs, err error) {
	args = protocol.ExecArgs{Command: r.Command, Env: r.Env, Workdir: r.Workdir, Input: r.Input, Reveal: r.Reveal, Terminal: r.Terminal}
	switch {
	case r.Service == "":
		return args, errNoService
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
func ExecError(r ExecRequest, result protocol.ExecResult) error {
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
