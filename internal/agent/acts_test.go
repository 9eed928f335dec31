//go:build root

package agent

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// A hundred of each act, one after the other and two at once, and commands between them, leave nothing: no process, no descriptor, no
// file of the state.
func TestActsLeaveNothing(t *testing.T) {
	service := script(`sleep 60 & exec sleep 60`)
	r := newTest(t, service).start()
	r.untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	count := func(folder string) int {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	descriptors, control := filepath.Join("/proc", strconv.Itoa(r.cmd.Process.Pid), "fd"), filepath.Join(r.State, service.Name, "control")
	act := func() error {
		if _, err := stack.Kill(t.Context(), protocol.KillRequest{Service: service.Name, Signal: "CONT"}); err != nil {
			return err
		}
		top, err := stack.Top(t.Context(), protocol.TopRequest{})
		if err == nil && len(top[0].Processes) != 2 {
			t.Errorf("%+v", top)
		}
		return err
	}
	if err := act(); err != nil {
		t.Fatal(err)
	}
	open, sockets := count(descriptors), count(control)
	for i := range 100 {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := act(); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		for _, verb := range []string{protocol.VerbPause, protocol.VerbUnpause} {
			if err := r.ask(verb, nil); err != nil {
				t.Fatal(err)
			}
		}
		if i%20 == 0 {
			r.shell("true")
		}
	}
	r.until("the descriptors are closed", func() bool { return count(descriptors) <= open })
	if now := count(control); now != sockets {
		t.Errorf("%d files for requests, were %d", now, sockets)
	}
	if err := act(); err != nil {
		t.Error(err)
	}
}
