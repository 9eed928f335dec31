package control_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/render"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"

	. "dagger/stack/internal/control"
)

// world is a state volume on which a test says what agents have said.
type world struct {
	*testing.T
	Client
}

func newWorld(t *testing.T) world {
	return world{t, Client{Name: "shop", State: state.At(t.TempDir())}}
}

// agent has written that status; it still runs until the returned function is called.
func (w world) agent(status state.Status) (end func()) {
	w.Helper()
	service := w.State.Service(status.Service)
	lock, err := service.Lock()
	if err != nil {
		w.Fatal(err)
	}
	status.Instance = cmp.Or(status.Instance, "1")
	if status.Updated.IsZero() {
		status.Updated = time.Now()
	}
	if err := service.WriteStatus(status); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { lock.Close() })
	return func() { lock.Close() }
}

func healthy(name string, needs ...string) state.Status {
	return state.Status{
		Service: name, Phase: state.Running, Health: state.Healthy, PID: 7, Started: time.Now().Add(-time.Minute), Needs: needs,
		Probes: []state.Result{{Output: "fine\nand more", Duration: spec.Duration(time.Millisecond)}},
	}
}

// run is the note of an up.
func (w world) run(names ...string) {
	w.Helper()
	if _, err := w.Begin(BeginRequest{}); err != nil {
		w.Fatal(err)
	}
	if len(names) > 0 {
		w.consists(Parts{Services: names})
	}
}

// consists is what the up has found out that it starts.
func (w world) consists(parts Parts) {
	w.Helper()
	if _, err := w.Wait(w.Context(), WaitRequest{All: parts}); err != nil {
		w.Fatal(err)
	}
}

// health is the report as a user reads it.
func (w world) health(r HealthRequest) (text string, ok bool, err error) {
	w.Helper()
	report, err := w.Health(w.Context(), r)
	if err != nil {
		return "", false, err
	}
	text, err = render.Health(report, r.Format)
	return text, report.Healthy, err
}

// untold takes what a test does not look at.
func untold[V any](V) {}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %v, want %q in it", what, err, want)
	}
}
