package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// HealthRequest asks how a stack is.
type HealthRequest struct {
	Service string // empty: all
	Wait    string // how long to wait for health; empty: not at all
	Format  string // text or json
}

// waitPoll is how often a waiting Health looks.
const waitPoll = 50 * time.Millisecond

// Health is a report in the format that was asked for, and whether everything is healthy.
func (c Client) Health(ctx context.Context, r HealthRequest) (text string, healthy bool, err error) {
	var wait time.Duration
	if r.Wait != "" {
		if wait, err = time.ParseDuration(r.Wait); err != nil || wait < 0 {
			return "", false, fmt.Errorf("wait %q: want a duration such as 60s", r.Wait)
		}
	}
	if err := checkFormat(r.Format); err != nil {
		return "", false, err
	}
	report, err := c.await(ctx, r.Service, wait)
	if err != nil {
		return "", false, err
	}
	if r.Format == "json" {
		data, err := json.Marshal(report)
		return string(data) + "\n", report.Healthy, err
	}
	return report.Text(), report.Healthy, nil
}

// checkFormat refuses what a report or lines cannot be printed as; empty is text.
func checkFormat(format string) error {
	if format != "" && format != "text" && format != "json" {
		return invalid("format %q: want text or json", format)
	}
	return nil
}

// await looks until all is healthy or the time is over. A stack that does not run yet may be about to.
func (c Client) await(ctx context.Context, name string, wait time.Duration) (Report, error) {
	for end := time.Now().Add(wait); ; {
		report, err := c.Report(name)
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

// Text is the report as a table and a verdict.
func (r Report) Text() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tHEALTH\tSTATE\tPID\tUPTIME\tRESTARTS\tLAST PROBE")
	for _, s := range r.Services {
		pid, uptime := "-", "-"
		if s.PID != 0 {
			pid, uptime = fmt.Sprint(s.PID), time.Duration(s.Uptime).Truncate(time.Second).String()
		}
		phase := string(s.Phase)
		if !s.Running {
			phase = "not running"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", s.Service, s.Health, phase, pid, uptime, s.Restarts, s.Detail(r.Time))
	}
	table.Flush()
	text.WriteByte('\n')
	usageTable(&text, r.Services)
	notes(&text, r.Services)
	verdict := "healthy"
	if !r.Healthy {
		verdict = "not healthy"
	}
	fmt.Fprintf(&text, "stack %q is %s at %s\n", r.Stack, verdict, r.Time.Format(time.RFC3339))
	return text.String()
}
