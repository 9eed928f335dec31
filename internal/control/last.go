package control

import (
	"errors"
	"slices"
	"time"

	"dagger/stack/internal/plain"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// LastLinesRequest asks what a service, or the one that keeps it from being started, has printed last.
type LastLinesRequest struct {
	Service string
	Since   time.Time
}

// LastLines is the end of an error about a service's start: what the service has printed last since then, or the one whose failure has kept
// it from being started, which has more to say. "" if there is nothing.
func (c Client) LastLines(r LastLinesRequest) string {
	seen := []string{r.Service}
	for {
		status, err := c.State.Service(seen[0]).Status()
		if err != nil || status.Lacks == "" || slices.Contains(seen, status.Lacks) {
			break
		}
		seen = append([]string{status.Lacks}, seen...)
	}
	lines := lastLines(c.State.Service(seen[0]), r.Since)
	switch {
	case lines == "":
		return ""
	case len(seen) > 1:
		return "; the last lines of " + seen[0] + ":\n" + lines
	}
	return "; its last lines:\n" + lines
}

// withLog adds to an error what the service's last process has printed last, since then: not what the one before has printed while it was
// being stopped.
func withLog(service state.Service, since time.Time, err error) error {
	if status, statusErr := service.Status(); statusErr == nil {
		began := status.Started
		if exit := status.LastExit; exit != nil && status.PID == 0 {
			began = exit.Time.Add(-time.Duration(exit.Took))
		}
		if began.After(since) {
			since = began
		}
	}
	lines := lastLines(service, since)
	if lines == "" {
		return err
	}
	return errors.New(err.Error() + "; its last lines:\n" + lines)
}

// lastLines are the last ones that a service has printed, and its agent said, since then; "" if there are none, or they cannot be read.
func lastLines(service state.Service, since time.Time) string {
	entries, err := logstore.Tail(service.Logs(), logstore.Query{Tail: plain.ErrorLines, Since: since})
	if err != nil || len(entries) == 0 {
		return ""
	}
	var text []byte
	for i := range entries {
		text = logstore.Text{}.Append(text, &entries[i])
	}
	return plain.LastLines(string(text), plain.ErrorLines)
}
