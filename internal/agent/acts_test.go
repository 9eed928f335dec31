//go:build root

package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// act is something that is done to a running service, by a client of its own.
type act struct {
	name string
	do   func(ctx context.Context, r *running, stack control.Client) error
}

// acts are all that can be done to a service that goes on, beside pause, which the others would meet.
var acts = []act{
	{"exec", func(ctx context.Context, r *running, _ control.Client) error {
		_, out, _, err := r.exec(ctx, control.ExecRequest{Command: []string{"echo", "out"}}, "")
		return errors.Join(err, want(out, "out\n"))
	}},
	{"terminal", func(ctx context.Context, r *running, stack control.Client) error {
		opened, err := stack.Start(ctx, control.ExecRequest{
			Service: r.Service.Name, Command: []string{"sh", "-c", "stty size; exit 5"}, Input: true, Terminal: &protocol.Size{Rows: 20, Columns: 70},
		})
		if err != nil {
			return err
		}
		defer opened.Close()
		var screen strings.Builder
		result, err := opened.Wait(ctx, &screen, &screen)
		return errors.Join(err, want(fmt.Sprintf("%d %s", result.Code, screen.String()), "5 20 70\r\n"))
	}},
	{"copies", func(ctx context.Context, r *running, stack control.Client) error {
		folder, err := os.MkdirTemp(filepath.Dir(r.State), "")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		request := control.CopyRequest{Service: r.Service.Name, Path: "/proc/self/comm", To: filepath.Join(folder, "file")}
		err = stack.CopyFileFrom(ctx, request)
		text, readErr := os.ReadFile(request.To)
		return errors.Join(err, readErr, want(string(text), "cat\n"))
	}},
	{"top", func(ctx context.Context, r *running, stack control.Client) error {
		top, err := stack.Top(ctx, control.TopRequest{Service: r.Service.Name})
		if err == nil && (len(top) != 1 || len(top[0].Processes) == 0 || top[0].Processes[0].PID != r.status().PID) {
			err = fmt.Errorf("%+v", top)
		}
		return err
	}},
	{"kill", func(ctx context.Context, r *running, stack control.Client) error {
		killed, err := stack.Kill(ctx, control.KillRequest{Service: r.Service.Name, Signal: "CONT"})
		return errors.Join(err, want(killed.Signal, "SIGCONT"))
	}},
	{"events", func(_ context.Context, r *running, stack control.Client) error {
		_, err := stack.Events(control.EventsRequest{Service: r.Service.Name, Tail: 1})
		return err
	}},
}

func want(got, want string) error {
	if got != want {
		return fmt.Errorf("%q, want %q", got, want)
	}
	return nil
}

// left are the files that an agent has open, the processes that it has, and the files that it keeps.
func (r *running) left() (files, processes, kept int) {
	r.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.cmd.Process.Pid))
	if err != nil {
		r.Fatal(err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", r.cmd.Process.Pid))
	if err != nil {
		r.Fatal(err)
	}
	_ = filepath.WalkDir(r.State, func(string, os.DirEntry, error) error { kept++; return nil }) // what goes while it is counted is counted
	return len(open), len(strings.Fields(string(children))), kept
}

// A hundred of each, ten at a time, do what they are asked to and leave nothing: no file, no process, no descriptor.
func TestActsLeaveNothing(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	for _, act := range acts {
		if err := act.do(t.Context(), r, stack); err != nil {
			t.Errorf("%s: %v", act.name, err)
		}
	}
	files, processes, kept := r.left()
	for _, act := range acts {
		for range 10 {
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					if err := act.do(t.Context(), r, stack); err != nil {
						t.Errorf("%s: %v", act.name, err)
					}
				})
			}
			all.Wait()
		}
	}
	for range 100 {
		for _, verb := range []string{protocol.VerbPause, protocol.VerbUnpause} {
			if err := r.ask(verb, nil); err != nil {
				t.Errorf("%s: %v", verb, err)
			}
		}
	}
	r.until("nothing is left", func() bool {
		f, p, k := r.left()
		return f <= files && p == processes && k <= kept
	})
}

// What is asked for during a restart waits for its end, and meets the new process.
func TestActsDuringARestart(t *testing.T) {
	r := newTest(t, script(""))
	gate := filepath.Join(filepath.Dir(r.State), "gate")
	r.Service.Process.Command = []string{"/bin/sh", "-c", `trap 'while [ ! -e "$GATE" ]; do sleep 0.01; done; exit 0' TERM; echo begun; while :; do sleep 0.01; done`}
	r.Service.Process.Env, r.Service.Process.StopGrace = []spec.Variable{spec.Env("GATE", gate)}, spec.Duration(time.Hour)
	r.start()
	r.until("begun", func() bool { return strings.Contains(r.logs(), "begun") })
	r.untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	old := r.status().PID
	restarted := make(chan error, 1)
	go func() { restarted <- r.ask(protocol.VerbRestart, nil) }()
	r.until("it restarts", func() bool { return r.status().Phase == state.Restarting })
	ended := make(chan string, len(acts))
	for _, act := range acts {
		go func() {
			if err := act.do(t.Context(), r, stack); err != nil {
				t.Errorf("%s: %v", act.name, err)
			}
			ended <- act.name
		}()
	}
	if first := <-ended; first != "events" { // which are read, and not asked for
		t.Errorf("%s did not wait", first)
	}
	if err := os.WriteFile(gate, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range acts[1:] {
		<-ended
	}
	if err := <-restarted; err != nil || r.status().PID == old {
		t.Errorf("%v, pid %d, was %d", err, r.status().PID, old)
	}
}
