package render

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
)

// Snapshots is a line for each snapshot, or JSON.
func Snapshots(all []control.Snapshot, format string, now time.Time) (string, error) {
	if format == "json" {
		text, err := json.Marshal(all)
		return string(text), err
	}
	if len(all) == 0 {
		return "no snapshots", nil
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SNAPSHOT\tAGE\tSIZE\tCLONES\tSERVICES")
	for _, s := range all {
		var services []string
		for _, kept := range s.Services {
			services = append(services, kept.Service)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", s.Name, spec.Duration(now.Sub(s.Time)).Roughly(), limits.Size(s.Size), s.Clones, strings.Join(services, ", "))
	}
	err := table.Flush()
	return strings.TrimRight(text.String(), "\n"), err
}

// Clones is an address on each line, without its password unless that is revealed, or JSON with all.
func Clones(clones []control.Clone, r control.CloneRequest) (string, error) {
	var lines []string
	for i, clone := range clones {
		if !r.Reveal {
			clone.Inside, clone.Host = conceal(clone.Inside), conceal(clone.Host)
			clones[i] = clone
		}
		if address := clone.Host; address != "" && !r.Inside {
			lines = append(lines, address)
		} else {
			lines = append(lines, clone.Inside)
		}
	}
	if r.Format == "json" {
		text, err := json.Marshal(clones)
		return string(text), err
	}
	return strings.Join(lines, "\n"), nil
}

// conceal is an address without its password.
func conceal(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.User == nil {
		return address
	}
	if password, has := parsed.User.Password(); !has || password == "" {
		return address
	}
	user := url.User(parsed.User.Username()).String()
	parsed.User = nil
	return strings.Replace(parsed.String(), "://", "://"+user+":***@", 1)
}
