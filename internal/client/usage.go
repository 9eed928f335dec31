package client

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// usageTable prints a line for each service: what it uses, and of how much.
func usageTable(out io.Writer, services []Service) {
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

// notes prints what the agents want a user to know.
func notes(out io.Writer, services []Service) {
	for _, s := range services {
		for _, note := range s.Notes {
			fmt.Fprintf(out, "note: %s: %s\n", s.Service, note)
		}
	}
}

// Stats is what one service uses, as JSON.
type Stats struct {
	Service  string            `json:"service"`
	Running  bool              `json:"running"`
	Measured time.Time         `json:"measured"`
	Usage    *state.Usage      `json:"usage"` // nil: not measured yet
	Limits   spec.Limits       `json:"limits"`
	Enforced state.Enforcement `json:"enforced"`
}
