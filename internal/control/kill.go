package control

import (
	"context"
	"fmt"
	"strings"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// Kill sends a signal to a service's process.
func (c Client) Kill(ctx context.Context, r protocol.KillRequest) (protocol.KillResult, error) {
	result := protocol.KillResult{Service: r.Service}
	if r.Service == "" {
		return result, invalid("which service? Name it with --service")
	}
	service, err := c.running(r.Service)
	if err != nil {
		return result, err
	}
	signal := strings.ToUpper(r.Signal)
	if !strings.HasPrefix(signal, "SIG") {
		signal = "SIG" + signal
	}
	if err := socket.Ask(ctx, service, protocol.VerbKill, protocol.KillArgs{Signal: signal}, &result, actTimeout); err != nil {
		return result, fmt.Errorf("%s: %w", r.Service, noAnswer(err, actTimeout))
	}
	return result, nil
}
