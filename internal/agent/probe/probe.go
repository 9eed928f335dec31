package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Func asks once: nil is healthy, and output what the service said.
type Func func(ctx context.Context) (output string, err error)

// Target is what a probe needs of the service it asks.
type Target struct {
	UID     int                                                                              // whose the service's sockets are
	Address netip.Addr                                                                       // of the container: what the other services connect to
	Render  func(spec.Value) (string, error)                                                 // fills in secrets
	Run     func(ctx context.Context, command []string) (output string, code int, err error) // as the service's user
}

// New makes the function that a probe describes.
func New(p spec.Probe, t Target) (Func, error) {
	switch {
	case p.HTTP != nil:
		return httpGet(dialer(t, p.HTTP.Port, p), *p.HTTP), nil
	case p.TCP != nil:
		return tcpSocket(dialer(t, p.TCP.Port, p), p.TCP.Port), nil
	case p.GRPC != nil:
		return grpcHealth(dialer(t, p.GRPC.Port, p), *p.GRPC), nil
	case len(p.URL) > 0:
		return database(t.Render, p.URL)
	case len(p.Exec) > 0:
		return command(t.Run, p.Exec), nil
	}
	return nil, errors.New("a probe needs one of httpGet, tcpSocket, grpc, url, exec")
}

// Ask runs a probe once within its timeout. The exit code is Docker's: 0 healthy, 1 not, or the command's own.
func Ask(ctx context.Context, ask Func, timeout time.Duration) state.Result {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	output, err := ask(ctx)
	result := state.Result{Start: start, Duration: spec.Duration(time.Since(start)), Output: output}
	if err == nil {
		return result
	}
	result.ExitCode = 1
	var exit exitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		result.Output = strings.TrimSpace(fmt.Sprintf("no answer within %s\n%s", timeout, output))
	case errors.As(err, &exit):
		result.ExitCode = exit.code
	default:
		result.Output = err.Error()
	}
	var lasting lastingError
	if errors.As(err, &lasting) {
		result.Timeout = spec.Duration(lasting.timeout)
	}
	var login refusedError
	result.Refused = errors.As(err, &login)
	return result
}

// lastingError is a failure that waiting does not end. The timeout is for a service that is about to mend it by itself.
type lastingError struct {
	error
	timeout time.Duration
}

func (e lastingError) Unwrap() error { return e.error }

const (
	// ShortTimeout is for what is mended at once or not at all.
	ShortTimeout = 3 * time.Second
	// LongTimeout is for a service that listens, and not where it is asked: its other port may come later. A script that starts a
	// page's development server beside another server was seen to take 20 s on a busy machine.
	LongTimeout = 30 * time.Second
)

type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// command is healthy when the command's exit code is 0.
func command(run func(context.Context, []string) (string, int, error), args []string) Func {
	return func(ctx context.Context) (string, error) {
		output, code, err := run(ctx, args)
		if err == nil && code != 0 {
			err = exitError{code}
			if strings.TrimSpace(output) == "" {
				output = fmt.Sprintf("%s: exit code %d", strings.Join(args, " "), code)
			}
		}
		return output, err
	}
}
