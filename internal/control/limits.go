package control

import (
	"context"
	"fmt"
	"time"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// LimitsRequest asks for other limits of a running service. What is nil or empty stays.
type LimitsRequest struct {
	Service string
	CPUs    *float64
	Memory  string
	Pids    *int
}

// limitsTimeout: the kernel may have to write pages back before it lowers a limit.
const limitsTimeout = 30 * time.Second

// SetLimits changes the limits of a service that runs.
func (c Client) SetLimits(ctx context.Context, r LimitsRequest) (result protocol.LimitsResult, err error) {
	if r.Service == "" {
		return result, errNoService
	}
	if result.Asked, err = limits.Parse(r.Service, r.CPUs, r.Memory, r.Pids); err != nil {
		return result, invalid("%v", err)
	}
	service, err := c.running(r.Service)
	if err != nil {
		return result, err
	}
	if err = socket.Ask(ctx, service, protocol.VerbLimits, result.Asked, &result, limitsTimeout); err != nil {
		err = fmt.Errorf("limits of %s not changed: %w", r.Service, noAnswer(err, limitsTimeout))
	}
	return result, err
}
