// Package render makes text and JSON of the values that package control returns.
package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Health is a report in that format: tables and a verdict, or JSON.
func Health(r control.Report, format string) (string, error) {
	if format == "json" {
		data, err := json.Marshal(r)
		return string(data), err
	}
	var text strings.Builder
	healthTable(&text, r)
	text.WriteByte('\n')
	usageTable(&text, r.Services)
	notes(&text, r.Services)
	if r.Gateway != nil && r.Gateway.Detail != "" {
		fmt.Fprintf(&text, "gateway: %s\n", plain.Line(r.Gateway.Detail))
	}
	for _, left := range r.LeftOut {
		fmt.Fprintf(&text, "left out: %s\n", plain.Line(left))
	}
	if r.Disk != "" {
		fmt.Fprintf(&text, "disk: %s\n", r.Disk)
	}
	verdict := "healthy"
	if !r.Healthy {
		verdict = "not healthy"
	}
	fmt.Fprintf(&text, "stack %q is %s at %s", r.Stack, verdict, r.Time.Format(time.RFC3339))
	return text.String(), nil
}

// healthTable prints a line for each service: how it is.
func healthTable(out io.Writer, r control.Report) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tHEALTH\tSTATE\tPID\tUPTIME\tRESTARTS\tLAST PROBE")
	for _, s := range r.Services {
		pid, uptime := "-", "-"
		if s.PID != 0 {
			pid, uptime = fmt.Sprint(s.PID), time.Duration(s.Uptime).Truncate(time.Second).String()
		}
		phase := string(s.Phase)
		if s.Phase == state.Exited && s.LastExit != nil {
			phase = fmt.Sprintf("%s (%d)", phase, s.LastExit.Code) // as docker ps
		}
		if !s.Running {
			phase = "not running"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", s.Service, s.Health, phase, pid, uptime, s.Restarts, Detail(s, r.Time))
	}
	table.Flush()
}

// notes prints what the agents want a user to know.
func notes(out io.Writer, services []control.ServiceReport) {
	for _, s := range services {
		for _, note := range s.Notes {
			fmt.Fprintf(out, "note: %s: %s\n", s.Service, plain.Line(note))
		}
	}
}

// Complaint names the services that are not healthy, with what is known of each, and the gateway.
func Complaint(r control.Report) string {
	var parts []string
	for _, s := range r.Services {
		if outcome := s.Outcome(); outcome != state.Ready && outcome != state.Completed {
			how := string(s.Health)
			if s.Phase == state.Paused {
				how = string(s.Phase)
			}
			parts = append(parts, strings.TrimSuffix(fmt.Sprintf("%s is %s: %s", s.Service, how, Detail(s, r.Time)), ": "))
		}
	}
	if r.Gateway != nil && !r.Gateway.Healthy {
		parts = append(parts, "the gateway is unhealthy: "+plain.Line(r.Gateway.Detail))
	}
	if r.Disk != "" {
		parts = append(parts, r.Disk)
	}
	return strings.Join(parts, "; ")
}

// Detail is what a user needs to know most about a service, in a line.
func Detail(s control.ServiceReport, now time.Time) string { return plain.Line(detail(s, now)) }

func detail(s control.ServiceReport, now time.Time) string {
	switch {
	case s.Updated.IsZero():
		return "never started"
	case !s.Running:
		return fmt.Sprintf("not running, last seen %s ago", spec.Duration(now.Sub(s.Updated)).Roughly())
	case s.Phase == state.Paused:
		return "unpause lets it go on"
	case s.Phase == state.Restarting && s.LastExit != nil:
		return "restarting after " + s.LastExit.String()
	case s.Why != "":
		return s.Why
	case s.Skipped != "":
		return "skipped: " + s.Skipped
	case s.Phase == state.Exited && s.LastExit != nil && s.Done():
		return fmt.Sprintf("%s after %s", s.LastExit, time.Duration(s.LastExit.Took).Round(10*time.Millisecond))
	case s.Phase == state.Exited && s.LastExit != nil:
		return s.LastExit.String()
	case len(s.Probes) == 0:
		return ""
	}
	last := s.Probes[len(s.Probes)-1]
	output, _, _ := strings.Cut(strings.TrimSpace(last.Output), "\n")
	text := fmt.Sprintf("%s (%s)", output, time.Duration(last.Duration).Round(100*time.Microsecond))
	if s.Streak > 0 {
		text = fmt.Sprintf("%d failed in a row: %s", s.Streak, text)
	}
	return text
}

// stats is what one service uses, as JSON.
type stats struct {
	Service  string            `json:"service"`
	Running  bool              `json:"running"`
	Measured time.Time         `json:"measured"`
	Usage    *state.Usage      `json:"usage"` // nil: not measured yet
	Limits   spec.Limits       `json:"limits"`
	Enforced state.Enforcement `json:"enforced"`
}

// Stats is what services use, in that format: a line for each.
func Stats(r control.Report, format string) (string, error) {
	if format != "json" {
		var text strings.Builder
		usageTable(&text, r.Services)
		return strings.TrimSuffix(text.String(), "\n"), nil
	}
	var lines []string
	for _, s := range r.Services {
		line, err := json.Marshal(stats{s.Service, s.Running, s.Updated, s.Usage, s.Limits, s.Enforced})
		if err != nil {
			return "", err
		}
		lines = append(lines, string(line))
	}
	return strings.Join(lines, "\n"), nil
}

// usageTable prints a line for each service: what it uses, and of how much.
func usageTable(out io.Writer, services []control.ServiceReport) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tMEMORY\tPEAK\tCPU\tTHROTTLED\tPIDS\tOOM KILLS\tLIMITS BY")
	for _, s := range services {
		if s.Usage == nil || !s.Running {
			fmt.Fprintf(table, "%s\t-\t-\t-\t-\t-\t-\t-\n", s.Service)
			continue
		}
		u := *s.Usage
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.0f%%\t%s\t%d\t%s\n", s.Service,
			memoryText(u.Memory, s.Limits.Memory), limits.Size(u.MemoryPeak),
			ofText(fmt.Sprintf("%.2f", u.CPUs), s.Limits.CPUs, limits.Cores(s.Limits.CPUs)), 100*u.Throttled,
			ofText(fmt.Sprint(u.Pids), float64(s.Limits.Pids), fmt.Sprint(s.Limits.Pids)), u.OOMKills, s.Enforced)
	}
	table.Flush()
}

func memoryText(used, limit int64) string {
	if limit == 0 {
		return limits.Size(used)
	}
	return fmt.Sprintf("%s / %s (%.0f%%)", limits.Size(used), limits.Size(limit), 100*float64(used)/float64(limit))
}

func ofText(used string, limit float64, text string) string {
	if limit == 0 {
		return used
	}
	return used + " / " + text
}
