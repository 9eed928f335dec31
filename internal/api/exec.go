package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/socket"
)

const (
	// execsAtOnce bounds memory: an answer as JSON holds twice outputMax.
	execsAtOnce = 16
	// execTimeout ends a command whose client has perhaps left: the engine's tunnel does not tell.
	execTimeout = 10 * time.Minute
	// outputMax is what an answer as JSON holds of each stream.
	outputMax = 1 << 20

	multiplexed    = "application/vnd.docker.multiplexed-stream"
	exitCodeHeader = "Stack-Exit-Code"
)

// exec runs a command in a service. The body is its stdin, and comes as fast as the command reads it. The answer is JSON when the
// command has ended, or the command's output while it runs.
func (s *Server) exec(w http.ResponseWriter, r *http.Request) error {
	request, err := execRequest(r)
	if err != nil {
		return err
	}
	leave, err := s.enterExec(w)
	if err != nil {
		return err
	}
	defer leave()
	connection := http.NewResponseController(w)
	if err := errors.Join(connection.SetReadDeadline(time.Time{}), connection.SetWriteDeadline(time.Time{}), connection.EnableFullDuplex()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	command, err := s.Client.Start(ctx, request)
	if err != nil {
		return err
	}
	defer command.Close()
	if request.Input {
		read := make(chan struct{})
		go func() {
			defer close(read)
			if err := command.Send(r.Body); err != nil {
				cancel(err)
			}
		}()
		w.Header().Set("Connection", "close") // the rest of a body that the command has not read is no request
		defer func() {                        // nobody reads the body after its handler
			_ = connection.SetReadDeadline(time.Now())
			command.Close()
			<-read
		}()
	}
	if accepts(r, multiplexed) {
		return streamOutput(ctx, command, w, connection)
	}
	return s.keepOutput(ctx, command, request, w)
}

// enterExec takes a place for a command.
func (s *Server) enterExec(w http.ResponseWriter) (leave func(), err error) {
	if s.NoShell {
		return nil, failure{http.StatusForbidden, "shell_off", "the API runs no commands: the stack was started with --api-shell=false"}
	}
	select {
	case s.execs <- struct{}{}:
		return func() { <-s.execs }, nil
	default:
		w.Header().Set("Retry-After", "5")
		return nil, failure{http.StatusServiceUnavailable, "too_many_commands", "too many commands run: wait for the end of one"}
	}
}

func execRequest(r *http.Request) (request control.ExecRequest, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return request, badRequest("query %q cannot be read: %v", r.URL.RawQuery, err)
	}
	env := query["env"]
	query.Del("env")
	v, err := single(query, "command", "env", "workingDir", "timeout", "reveal")
	if err != nil {
		return request, err
	}
	if request, err = control.ParseExec(r.PathValue("service"), v["command"], env); err != nil {
		return request, err
	}
	if len(request.Command) == 0 {
		return request, badRequest("command: want the command in the query, as in ?command=alembic+upgrade+head; the body is its stdin")
	}
	request.Workdir, request.Timeout, request.Input = v["workingDir"], cmp.Or(v["timeout"], execTimeout.String()), r.ContentLength != 0
	request.Reveal, err = v.bool("reveal")
	return request, err
}

// accepts tells whether a client asks for that type by its name.
func accepts(r *http.Request, kind string) bool {
	for _, one := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if name, _, err := mime.ParseMediaType(one); err == nil && name == kind {
			return true
		}
	}
	return false
}

// keepOutput answers when the command has ended.
func (s *Server) keepOutput(ctx context.Context, command *control.Command, request control.ExecRequest, w http.ResponseWriter) error {
	var stdout, stderr kept
	result, err := command.Wait(ctx, &stdout, &stderr)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Project   string `json:"project"`
		Service   string `json:"service"`
		ExitCode  int    `json:"exitCode"`
		Signal    string `json:"signal"`
		TimedOut  bool   `json:"timedOut"`
		Stdout    string `json:"stdout"`
		Stderr    string `json:"stderr"`
		StdoutCut int64  `json:"stdoutCut"`
		StderrCut int64  `json:"stderrCut"`
	}{s.Client.Name, request.Service, result.Code, result.Signal, result.TimedOut, string(stdout.text), string(stderr.text), stdout.cut, stderr.cut})
	return nil
}

// kept is the beginning of an output.
type kept struct {
	text []byte
	cut  int64 // how many bytes more there were
}

func (k *kept) Write(text []byte) (int, error) {
	n := min(len(text), outputMax-len(k.text))
	k.text = append(k.text, text[:n]...)
	k.cut += int64(len(text) - n)
	return len(text), nil
}

// streamOutput answers with what the command prints, as Docker's attach does, and with the exit code behind it. What goes wrong after
// the beginning is a piece of Docker's kind for that, and there is no exit code.
func streamOutput(ctx context.Context, command *control.Command, w http.ResponseWriter, connection *http.ResponseController) error {
	w.Header().Set("Content-Type", multiplexed)
	w.Header().Set("Trailer", exitCodeHeader)
	w.WriteHeader(http.StatusOK)
	frames := socket.FramesTo(prompt{w, connection})
	if err := connection.Flush(); err != nil {
		return nil //nolint:nilerr // the client has left
	}
	result, err := command.Wait(ctx, frames.As(socket.FrameStdout), frames.As(socket.FrameStderr))
	if err != nil {
		_ = frames.Write(socket.FrameFailure, []byte(err.Error()))
		return nil
	}
	w.Header().Set(exitCodeHeader, strconv.Itoa(result.Code))
	return nil
}

// prompt writes at once. A client that takes nothing for writeTimeout is given up.
type prompt struct {
	io.Writer
	connection *http.ResponseController
}

func (p prompt) Write(text []byte) (int, error) {
	if err := p.connection.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	n, err := p.Writer.Write(text)
	return n, errors.Join(err, p.connection.Flush())
}
