package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// RestartRequest asks for a new process of a service.
type RestartRequest struct {
	Service        string
	WithDependents bool   // those that need it too, after it
	Timeout        string // for each to become healthy
	// Refuse answers ErrBusy at once when the service is being restarted already; otherwise that is waited for.
	Refuse bool
}

// errorLines is how much of a service's log an error holds.
const errorLines = 20

// wasKilled follows the time that a process took to stop when it did not stop by itself.
const wasKilled = "; it did not stop in its time and was killed: its log may say why"

// Restart restarts a service and says so line by line.
func (c Client) Restart(ctx context.Context, out io.Writer, r RestartRequest) error {
	timeout, err := parseTimeout(r.Timeout)
	if err != nil {
		return err
	}
	if r.Service == "" {
		return invalid("which service? Name it with --service")
	}
	service, err := c.running(r.Service)
	if err != nil {
		return err
	}
	services := []state.Service{service}
	if r.WithDependents {
		all, err := c.choose("")
		if err != nil {
			return err
		}
		services = append(services, dependents(all, r.Service)...)
	}
	for _, service := range services {
		if err := c.restartOne(ctx, out, service, timeout, r.Refuse); err != nil {
			return err
		}
	}
	return nil
}

func (c Client) restartOne(ctx context.Context, out io.Writer, service state.Service, timeout time.Duration, refuse bool) error {
	var restarted agent.Restarted
	err := service.Ask(ctx, agent.VerbRestart, agent.RestartArgs{Refuse: refuse}, &restarted, timeout)
	if err != nil && err.Error() == agent.Busy {
		return kind{fmt.Errorf("%s %w: wait for its end and try again", service.Name, err), ErrBusy}
	}
	if err != nil {
		return c.withLog(service, fmt.Errorf("%s did not come back: %w", service.Name, noAnswer(err, timeout)))
	}
	forced := ""
	if restarted.Forced {
		forced = wasKilled
	}
	fmt.Fprintf(out, "%s restarted: pid %d -> %d, healthy after %.1f s%s\n",
		service.Name, restarted.OldPID, restarted.NewPID, restarted.Took.Seconds(), forced)
	return nil
}

func parseTimeout(text string) (time.Duration, error) {
	timeout, err := time.ParseDuration(text)
	if err != nil || timeout <= 0 {
		return 0, invalid("timeout %q: want a duration such as 60s", text)
	}
	return timeout, nil
}

// running is a service whose agent is there to be asked.
func (c Client) running(name string) (state.Service, error) {
	chosen, err := c.choose(name)
	if err != nil {
		return state.Service{}, err
	}
	if service := chosen[0]; service.Alive() {
		return service, nil
	}
	if report, err := c.Report(""); err != nil {
		return state.Service{}, c.notRunning(lastSeen(report))
	}
	return state.Service{}, notRunning("service %q does not run, though others of the stack do, and cannot be started into it: see dagger call health, "+
		"end the stack with dagger call --name %s stop, and start it again", name, c.Name)
}

// withLog adds the end of a service's log to an error.
func (c Client) withLog(service state.Service, err error) error {
	entries, logErr := logstore.Tail(service.Logs(), logstore.Query{Tail: errorLines})
	if logErr != nil || len(entries) == 0 {
		return err
	}
	text := fmt.Appendf(nil, "%v; its last lines:", err)
	for i := range entries {
		text = logstore.Text{}.Append(append(text, "\n  "...), &entries[i])
		text = text[:len(text)-1]
	}
	return errors.New(string(text))
}

// noAnswer says what a silent agent means.
func noAnswer(err error, timeout time.Duration) error {
	switch {
	case errors.Is(err, state.ErrEnded):
		return errors.New("it ended before it answered")
	case errors.Is(err, state.ErrNoAnswer):
		return fmt.Errorf("no answer within %s: its agent is busy with another request or hangs", timeout)
	}
	return err
}

func lastSeen(report Report) (last time.Time) {
	for _, service := range report.Services {
		if service.Updated.After(last) {
			last = service.Updated
		}
	}
	return last
}
