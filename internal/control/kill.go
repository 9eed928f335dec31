package control

import (
	"context"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// KillRequest asks for a signal to be sent to a service.
type KillRequest struct {
	Service string
	Signal  string // SIGHUP, or HUP
}

// Kill sends a signal to a service's process.
func (c Client) Kill(ctx context.Context, r KillRequest) (protocol.KillResult, error) {
	result := protocol.KillResult{Service: r.Service}
	if r.Service == "" {
		return result, errNoService
	}
	service, err := c.running(r.Service)
	if err != nil {
		return result, err
	}
	signal, err := parseSignal(r.Signal)
	if err != nil {
		return result, err
	}
	if err := socket.Ask(ctx, service, protocol.VerbKill, protocol.KillArgs{Signal: signal}, &result, actTimeout); err != nil {
		return result, silent(r.Service, err, actTimeout)
	}
	return result, nil
}

// parseSignal is the name of a signal, which is given as Docker takes it: by its name, with or without SIG, or by its number.
func parseSignal(text string) (string, error) {
	asked, err := signal.ParseSignal(text)
	name := unix.SignalName(asked)
	if err != nil || name == "" {
		return "", invalid("signal %q: want a name such as SIGHUP, SIGTERM or SIGUSR1, or its number", text)
	}
	return name, nil
}
