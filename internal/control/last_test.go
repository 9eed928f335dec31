package control_test

import (
	"testing"
	"time"

	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"

	. "dagger/stack/internal/control"
)

// prints has a service print a line.
func (w world) prints(service, line string) {
	w.Helper()
	log, err := logstore.Open(w.State.Service(service).Logs(), logstore.Options{})
	if err != nil {
		w.Fatal(err)
	}
	defer log.Close()
	log.Note(line)
}

// The last lines are those of the service whose failure it is, and of this run alone.
func TestLastLines(t *testing.T) {
	w := newWorld(t)
	lacks := func(name, need string) {
		status := healthy(name)
		status.Phase, status.Health, status.Lacks = state.Created, state.Unhealthy, need
		w.agent(status)
	}
	lacks("web", "api")
	lacks("api", "db")
	w.agent(healthy("db"))
	w.prints("db", "of the run before")
	time.Sleep(2 * time.Millisecond)
	since := time.Now()
	w.prints("web", "web was not started: api, which it needs, was not started")
	last := func(name string) string { return w.LastLines(LastLinesRequest{Service: name, Since: since}) }
	if got := last("web"); got != "" {
		t.Errorf("db has said nothing yet: %q", got)
	}
	w.prints("db", "no space left")
	for service, want := range map[string]string{
		"web":     "; the last lines of db:\n  [stack] no space left",
		"db":      "; its last lines:\n  [stack] no space left",
		"unknown": "",
	} {
		if got := last(service); got != want {
			t.Errorf("%s: %q, want %q", service, got, want)
		}
	}
	lacks("a", "b")
	lacks("b", "a")
	last("a") // comes to an end
}
