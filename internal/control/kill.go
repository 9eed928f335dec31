package control

import (
	"context"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// Kill sends a signal to a service's process.
func (c Client) Kill(ctx context.Context, r protocol.KillRequest) (protocol.KillResult, error) {
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

// parseSignal is the name of a signal that is given by its name, with or without SIG, or by its number, as Docker takes it.
func parseSignal(text string) (string, error) {
	name := strings.ToUpper(text)
	if number, err := strconv.Atoi(text); err == nil {
		name = unix.SignalName(unix.Signal(number))
	} else if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	if unix.SignalNum(name) == 0 {
		return "", invalid("signal %q: want a name such as SIGHUP, SIGTERM or SIGUSR1", text)
	}
	return name, nil
}
