package client

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Report is what is known of a stack at one moment.
type Report struct {
	Stack    string    `json:"stack"`
	Time     time.Time `json:"time"`
	Healthy  bool      `json:"healthy"` // every service is
	Services []Service `json:"services"`
}

// Service is one service in a report: what its agent says, and whether the agent is still there to say it.
type Service struct {
	state.Status
	Running bool          `json:"running"` // false: Status is the last that was heard
	Uptime  spec.Duration `json:"uptime"`  // of the process; 0 if none runs
}

// Report looks at one service, or at all if name is empty. A stack of which nothing runs is an error.
func (c Client) Report(name string) (Report, error) {
	chosen, err := c.choose(name)
	if err != nil {
		return Report{}, err
	}
	report := Report{Stack: c.Name, Time: time.Now().UTC().Truncate(time.Millisecond), Healthy: true}
	var lastSeen time.Time
	running := false
	for _, folder := range chosen {
		service, err := look(folder, report.Time)
		if err != nil {
			return Report{}, err
		}
		running = running || service.Running
		if service.Updated.After(lastSeen) {
			lastSeen = service.Updated
		}
		report.Healthy = report.Healthy && service.Health == state.Healthy
		report.Services = append(report.Services, service)
	}
	if !running && name == "" {
		return report, c.notRunning(lastSeen)
	}
	return report, nil
}

func look(folder state.Service, now time.Time) (Service, error) {
	status, err := folder.Status()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Service{}, err
	}
	service := Service{Status: status}
	service.Service = folder.Name
	// The lock tells whether the agent lives, the heartbeat whether it does its work.
	service.Running = err == nil && folder.Alive() && now.Sub(status.Updated) < state.Stale
	if !service.Running {
		service.Health, service.Phase, service.PID = state.Unhealthy, state.Exited, 0
	}
	if service.PID != 0 {
		service.Uptime = spec.Duration(now.Sub(status.Started).Truncate(time.Millisecond))
	}
	return service, nil
}

// Complaint names the services that are not healthy, with what is known of each.
func (r Report) Complaint() string {
	var parts []string
	for _, s := range r.Services {
		if s.Health != state.Healthy {
			parts = append(parts, strings.TrimSuffix(fmt.Sprintf("%s is %s: %s", s.Service, s.Health, s.Detail(r.Time)), ": "))
		}
	}
	return strings.Join(parts, "; ")
}

// Detail is what a user needs to know most about a service, in a line.
func (s Service) Detail(now time.Time) string {
	switch {
	case s.Updated.IsZero():
		return "never started"
	case !s.Running:
		return fmt.Sprintf("not running, last seen %s ago", roughly(now.Sub(s.Updated)))
	case s.Phase == state.Restarting && s.LastExit != nil:
		return "restarting after " + exitText(*s.LastExit)
	case s.Phase == state.Exited && s.LastExit != nil:
		return exitText(*s.LastExit)
	case len(s.Probes) == 0:
		return ""
	}
	last := s.Probes[len(s.Probes)-1]
	text := fmt.Sprintf("%s (%s)", firstLine(last.Output), time.Duration(last.Duration).Round(100*time.Microsecond))
	if s.Streak > 0 {
		text = fmt.Sprintf("%d failed in a row: %s", s.Streak, text)
	}
	return text
}

func exitText(exit state.Exit) string {
	switch {
	case exit.Reason != "":
		return exit.Reason
	case exit.Signal != "":
		return exit.Signal
	}
	return fmt.Sprintf("exit code %d", exit.Code)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
