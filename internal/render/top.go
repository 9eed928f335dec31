package render

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/plain"
)

// Top is a line for each process, or JSON.
func Top(services []control.TopService, format string) (string, error) {
	if format == "json" {
		text, err := json.Marshal(services)
		return string(text), err
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tPID\tPPID\tUSER\tCPU TIME\tMEMORY\tTHREADS\tCOMMAND")
	for _, service := range services {
		for _, p := range service.Processes {
			fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%s\t%d\t%s\n", service.Service, p.PID, p.Parent, p.User,
				p.CPUTime.Round(10*time.Millisecond), limits.Size(p.Memory), p.Threads, plain.Line(p.Command))
		}
	}
	err := table.Flush()
	return strings.TrimRight(text.String(), "\n"), err
}
