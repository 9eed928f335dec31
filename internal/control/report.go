package control

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Report is what is known of a stack at one moment.
type Report struct {
	Stack    string          `json:"stack"`
	Time     time.Time       `json:"time"`
	Healthy  bool            `json:"healthy"` // every service is, and the gateway, and there is room on the disk
	Services []ServiceReport `json:"services"`
	Gateway  *GatewayReport  `json:"gateway,omitempty"` // nil: no port is published
	LeftOut  []string        `json:"leftOut,omitempty"` // services that the stack was started without, each "NAME: why"
	Disk     string          `json:"disk,omitempty"`    // that the engine's disk is full, and what follows; "": it is not
}

// GatewayReport is how what publishes the ports is.
type GatewayReport struct {
	Healthy bool                  `json:"healthy"`
	Detail  string                `json:"detail"` // what is wrong, or what a user should know; may be empty
	Ports   []state.PublishedPort `json:"ports"`
}

// ServiceReport is what a service's agent says, and whether the agent is still there to say it.
type ServiceReport struct {
	state.Status
	Running bool          `json:"running"` // false: Status is the last that was heard
	Uptime  spec.Duration `json:"uptime"`  // of the process; 0 if none runs
}

// LastProbe is what the last probe got.
func (s ServiceReport) LastProbe() string {
	if n := len(s.Probes); n > 0 {
		return s.Probes[n-1].Output
	}
	return ""
}

// LastExitCode is how the process before this one ended, 0 if there was none.
func (s ServiceReport) LastExitCode() int {
	if s.LastExit == nil {
		return 0
	}
	return s.LastExit.Code
}

// HealthRequest asks how a stack is.
type HealthRequest struct {
	Service string // empty: all
	Wait    string // how long to wait for health; empty: not at all
	Format  string // text or json
}

// StatsRequest asks what services use.
type StatsRequest struct {
	Service string // empty: all
	Format  string // text or json
	Watch   bool   // again and again, until the context or the stack ends
}

// Report looks at one service, or at all if name is empty. A stack of which nothing runs is an error.
func (c Client) Report(name string) (Report, error) {
	chosen, err := c.choose(name)
	if err != nil {
		return Report{}, err
	}
	report := Report{Stack: c.Name, Time: time.Now().UTC().Truncate(time.Millisecond), Disk: c.State.Full()}
	report.Healthy = report.Disk == ""
	var lastSeen time.Time
	running := false
	for _, name := range chosen {
		service, err := look(c.State.Service(name), report.Time)
		if err != nil {
			return Report{}, err
		}
		running = running || service.Running
		if service.Updated.After(lastSeen) {
			lastSeen = service.Updated
		}
		outcome := service.Outcome()
		report.Healthy = report.Healthy && (outcome == state.Ready || outcome == state.Completed)
		report.Services = append(report.Services, service)
	}
	if name != "" {
		return report, nil
	}
	if !running {
		return report, c.notRunning(lastSeen)
	}
	if report.Gateway, err = c.gateway(report.Time); err != nil {
		return Report{}, err
	}
	report.Healthy = report.Healthy && (report.Gateway == nil || report.Gateway.Healthy)
	if run, err := c.State.Run(); err == nil {
		report.LeftOut = run.LeftOut
	}
	return report, nil
}

// unwrittenTimeout is how long an agent that lives and writes nothing may take to say how it is: it hangs, or its disk is full.
const unwrittenTimeout = time.Second

func look(folder state.Service, now time.Time) (ServiceReport, error) {
	status, err := folder.Status()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ServiceReport{}, err
	}
	// The lock tells whether the agent lives, the heartbeat whether it does its work.
	alive := err == nil && folder.Alive()
	if alive && now.Sub(status.Updated) >= state.Stale {
		_ = socket.Ask(context.Background(), folder, protocol.VerbStatus, nil, &status, unwrittenTimeout) // what it has written counts
	}
	service := ServiceReport{Status: status}
	service.Service = folder.Name
	service.Running = alive && now.Sub(status.Updated) < state.Stale
	if !service.Running {
		service.Health, service.Phase, service.PID = state.Unhealthy, state.Exited, 0
	}
	if service.PID != 0 {
		service.Uptime = spec.Duration(now.Sub(status.Started).Truncate(time.Millisecond))
	}
	return service, nil
}

// waitPoll is how often a waiting Health looks.
const waitPoll = 50 * time.Millisecond

// Health looks until all is healthy or the time to wait for it is over. A stack that does not run yet may be about to.
func (c Client) Health(ctx context.Context, r HealthRequest) (report Report, err error) {
	var wait time.Duration
	if r.Wait != "" {
		if wait, err = time.ParseDuration(r.Wait); err != nil || wait < 0 {
			return report, invalid("wait %q: want a duration such as 60s", r.Wait)
		}
	}
	if err := CheckFormat(r.Format); err != nil {
		return report, err
	}
	for end := time.Now().Add(wait); ; {
		report, err = c.Report(r.Service)
		if err == nil && report.Healthy || time.Now().After(end) {
			return report, err
		}
		select {
		case <-ctx.Done():
			return report, errors.Join(err, ctx.Err())
		case <-time.After(waitPoll):
		}
	}
}

// watchEvery is two of the agents' heartbeats: each line of a service that does something is of another measurement.
const watchEvery = 2 * time.Second

// Stats hands on a report of services that run, or one after the other until the stack or the context ends.
func (c Client) Stats(ctx context.Context, r StatsRequest, do func(Report) error) error {
	if err := CheckFormat(r.Format); err != nil {
		return err
	}
	for first := true; ; first = false {
		report, err := c.Report(r.Service)
		if err == nil && r.Service != "" && !report.Services[0].Running {
			_, err = c.running(r.Service)
		}
		if err != nil {
			if first {
				return err
			}
			return nil // the stack that was watched has ended
		}
		if err := do(report); err != nil || !r.Watch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}
