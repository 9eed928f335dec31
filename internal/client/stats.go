package client

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// StatsRequest asks what services use.
type StatsRequest struct {
	Service string // empty: all
	Format  string // text or json
	Watch   bool   // again and again, until the context or the stack ends
}

// watchEvery is two of the agents' heartbeats: each line of a service that does something is of another measurement.
const watchEvery = 2 * time.Second

// Stats prints a line for each service.
func (c Client) Stats(ctx context.Context, out io.Writer, r StatsRequest) error {
	if err := checkFormat(r.Format); err != nil {
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
		text, err := report.stats(r.Format)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, text); err != nil || !r.Watch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

func (r Report) stats(format string) (string, error) {
	var text strings.Builder
	if format != "json" {
		usageTable(&text, r.Services)
		return text.String(), nil
	}
	for _, s := range r.Services {
		line, err := json.Marshal(Stats{
			Service: s.Service, Running: s.Running, Measured: s.Updated, Usage: s.Usage, Limits: s.Limits, Enforced: s.Enforced,
		})
		if err != nil {
			return "", err
		}
		text.Write(append(line, '\n'))
	}
	return text.String(), nil
}
