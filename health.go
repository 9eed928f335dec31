package main

import (
	"context"
	"time"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
)

// Prints the state of every service and an overall verdict; fails when not all are healthy
//
// Shows each service's health, what it uses of its limits, and what holds it to them. Memory leaves out file cache that
// the kernel would give back, its peak does not; CPU is cores over the last second, throttled the share of it in which
// the service had to wait for its limit.
//
// Works from any terminal. The report is the answer when all is well, and the error otherwise, so that the exit code
// tells. A stack whose agents have not been heard of for 5 seconds is not running.
//
// +cache="never"
func (m *Stack) Health(
	ctx context.Context,
	// One service, e.g. backend, also one of your own. All, unless given.
	//
	// +optional
	service string,
	// Wait until all are healthy, at most this long, e.g. 60s.
	//
	// +optional
	wait string,
	// How the report is printed: text or json.
	//
	// +optional
	// +default="text"
	format string,
) (string, error) {
	return m.health(ctx, control.HealthRequest{Service: service, Wait: wait, Format: format})
}

// The same stack with another way to find out whether a service works, or other times for it
//
// Chains, as with-limits does: field by field, the last one wins. What it does not say is as the service has it: by its kind, its compose
// file, or the HEALTHCHECK of its image. Health begins with the first success. Failures count when the start period is over, or when it is
// clear that waiting does not help: a server that listens on localhost alone, a login that is refused.
//
//	dagger call with-health --service backend --start-period 5m up --project-path . up
//	dagger call with-health --service frontend --probe https:3000/ up --project-path . up
func (m *Stack) WithHealth(
	// Which service: postgres, redis, backend, frontend, one of the compose file or of your own. All, unless given.
	//
	// +optional
	service string,
	// What is asked: "http", "https" (whoever has signed the certificate), "tcp" (whether the port is open) or "grpc" (its health service,
	// without TLS), each with ":PORT" or at the service's own port, and http and https with a path, as in https:3000/health: it has to be
	// answered with 200 to 399, and without a path any answer below 500 will do; or "command: pg_isready -q", which has to end with exit
	// code 0 in the service's container; or "none".
	//
	// +optional
	probe string,
	// How long it may take to start, e.g. 5m: 60s, unless given. One that nobody asks is healthy when it has run for so long, 10s.
	//
	// +optional
	startPeriod string,
	// From one probe to the next once it was healthy, e.g. 30s: 5s, unless given.
	//
	// +optional
	interval string,
	// How long one probe may take, e.g. 10s: 3s, unless given.
	//
	// +optional
	timeout string,
	// How many failures in a row make it unhealthy, 1 to 1000: 3, unless given.
	//
	// +optional
	retries int,
) (*Stack, error) {
	return m.with(Setting{Service: service, Probe: probe, StartPeriod: startPeriod, Interval: interval, Timeout: timeout, Retries: retries})
}

func (m *Stack) health(ctx context.Context, request control.HealthRequest) (string, error) {
	ask := func(ctx context.Context) (string, error) { return m.ask(ctx, command.Health, request) }
	if request.Wait == "" {
		return ask(ctx)
	}
	return traced(ctx, m, "wait", request.Service, ask)
}

// The state of one service, for other modules
type ServiceStatus struct {
	// The service's name.
	Service string
	// starting, healthy or unhealthy.
	Health string
	// created, running, restarting or exited.
	State string
	// Its agent was heard of within the last 5 seconds.
	Running bool
	// The process, as numbered inside the service's container; 0 if there is none.
	PID int
	// Seconds since the process was started.
	Uptime float64
	// How often the service was started again after it ended by itself.
	Restarts int
	// Probes that failed since the last that did not.
	FailingStreak int
	// What the last probe got.
	LastProbe string
	// How the process before this one ended; 128 + n for signal n.
	LastExitCode int
	// Bytes in use, without file cache that the kernel would give back.
	Memory int
	// The most bytes that were in use since the agent began, file cache included.
	MemoryPeak int
	// Bytes it may use; 0 if unlimited.
	MemoryLimit int
	// Cores in use over the last second.
	CPUs float64
	// Cores it may use; 0 if unlimited.
	CpuLimit float64
	// The share of the last second in which it had to wait for its limit, 0 to 1.
	Throttled float64
	// Processes and threads.
	Pids int
	// How many of them it may have; 0 if unlimited.
	PidsLimit int
	// Processes killed for want of memory since the agent began.
	OomKills int
	// What holds it to its limits: "kernel", or "watchdog" where the engine lets no service have a cgroup.
	Enforced string
	// What a user should know, e.g. a limit that is more than the machine has.
	Notes []string
}

// The state of every service, typed, for other modules; does not fail when one is not healthy
//
// +cache="never"
func (m *Stack) Status(ctx context.Context) ([]*ServiceStatus, error) {
	report, err := control.Answer[control.Report](m.ask(ctx, command.Report, nil))
	if err != nil {
		return nil, err
	}
	var all []*ServiceStatus
	for _, s := range report.Services {
		status := &ServiceStatus{
			Service: s.Service, Health: string(s.Health), State: string(s.Phase), Running: s.Running, PID: s.PID,
			Uptime: time.Duration(s.Uptime).Seconds(), Restarts: s.Restarts, FailingStreak: s.Streak, LastProbe: s.LastProbe(), LastExitCode: s.LastExitCode(),
		}
		status.MemoryLimit, status.CpuLimit, status.PidsLimit = int(s.Limits.Memory), s.Limits.CPUs, int(s.Limits.Pids)
		status.Enforced, status.Notes = string(s.Enforced), s.Notes
		if u := s.Usage; u != nil {
			status.Memory, status.MemoryPeak, status.CPUs = int(u.Memory), int(u.MemoryPeak), u.CPUs
			status.Throttled, status.Pids, status.OomKills = u.Throttled, int(u.Pids), int(u.OOMKills)
		}
		all = append(all, status)
	}
	return all, nil
}
