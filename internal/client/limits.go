package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/state"
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

// SetLimits changes the limits of a service that runs, and says what they are now.
func (c Client) SetLimits(ctx context.Context, out io.Writer, r LimitsRequest) error {
	if r.Service == "" {
		return errors.New("which service? Name it with --service")
	}
	setting, err := limits.Parse(r.Service, r.CPUs, r.Memory, r.Pids)
	if err != nil {
		return err
	}
	service, err := c.running(r.Service)
	if err != nil {
		return err
	}
	var limited agent.Limited
	if err := service.Ask(ctx, agent.VerbLimits, setting, &limited, limitsTimeout); err != nil {
		return fmt.Errorf("limits of %s not changed: %w", r.Service, noAnswer(err, limitsTimeout))
	}
	for _, line := range limits.Changes(setting, limited.Before, limited.After) {
		fmt.Fprintf(out, "%s %s\n", r.Service, line)
	}
	if limited.Enforced == state.ByWatchdog && setting.CPUs != nil {
		fmt.Fprintf(out, "%s cpus: not bounded: the engine lets no agent make a cgroup\n", r.Service)
	}
	return nil
}
