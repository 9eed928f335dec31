//go:build root

package agent

import (
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// happenings are the events of a service, without their times.
func (r *running) happenings() (list []string) {
	r.Helper()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	log, err := stack.Events(control.EventsRequest{Tail: 1000})
	if err != nil {
		r.Fatal(err)
	}
	_, err = log.Each(r.Context(), func(entry *logstore.Entry) error {
		event, err := render.ReadEvent(entry)
		if err == nil {
			_, text, _ := strings.Cut(event.Text(), " "+r.Service.Name+" ")
			list = append(list, text)
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return list
}

// What happens to a service is said in Docker's words and order.
func TestEvents(t *testing.T) {
	service := script(`trap 'exit 0' TERM; while :; do sleep 0.05; done`)
	service.Probe = &spec.Probe{Exec: []string{"true"}}
	service.Restart = spec.Restart{Policy: spec.RestartAlways}
	r := newTest(t, service).start()
	r.untilHealthy()
	want := []string{"start", "health_status: healthy"}
	check := func() {
		t.Helper()
		r.until(strings.Join(want, ", "), func() bool { return slices.Equal(r.happenings(), want) })
	}
	check()
	for _, step := range []struct {
		verb   string
		args   any
		events []string
	}{
		{protocol.VerbPause, nil, []string{"pause"}},
		{protocol.VerbUnpause, nil, []string{"unpause"}},
		{protocol.VerbKill, protocol.KillArgs{Signal: "SIGCONT"}, []string{"kill (signal=SIGCONT)"}},
		{protocol.VerbRestart, nil, []string{"kill (signal=SIGTERM)", "die (exitCode=0)", "stop", "start", "health_status: healthy", "restart"}},
		{protocol.VerbKill, protocol.KillArgs{Signal: "SIGKILL"}, []string{"kill (signal=SIGKILL)", "die (exitCode=137, signal=SIGKILL)", "start", "health_status: healthy"}},
	} {
		if err := r.askWith(step.verb, step.args, nil); err != nil {
			t.Fatal(step.verb, err)
		}
		want = append(want, step.events...)
		check()
	}
	_, _, _, _ = r.exec(t.Context(), control.ExecRequest{Command: []string{"sh", "-c", "exit 3"}}, "")
	want = append(want, "exec_start: sh -c exit 3", "exec_die (exitCode=3)")
	check()
	if err := r.ask(protocol.VerbStop, nil); err != nil {
		t.Fatal(err)
	}
	r.exitCode()
	want = append(want, "kill (signal=SIGTERM)", "die (exitCode=0)", "stop")
	check() // also when nobody is there any more
}
