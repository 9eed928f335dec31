//go:build root

package agent

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A process that leaves its work to another one in the background has not succeeded, whatever its exit code says.
func TestBackground(t *testing.T) {
	r := newTest(t, script("setsid sleep 60 & exit 0"))
	r.Service.Probe = quick(spec.Probe{Exec: []string{"false"}})
	code := r.start().exitCode()
	s := r.status()
	if code == 0 || s.LastExit == nil || !strings.Contains(s.LastExit.Reason, "a process of it went on in the background: make the command stay in the foreground") {
		t.Errorf("exit code %d, %+v", code, s.LastExit)
	}
}

// A service that nobody can ask is healthy when it has run for a while: one that ends before has failed.
func TestSettle(t *testing.T) {
	r := newTest(t, script("sleep 0.3; exit 1"))
	r.Service.Settle = spec.Duration(time.Minute)
	if code := r.start().exitCode(); code != 1 || r.status().Ready > 0 {
		t.Errorf("exit code %d, %+v", code, r.status())
	}
	r = newTest(t, script("exec sleep 60"))
	r.Service.Settle = spec.Duration(300 * time.Millisecond)
	s := r.start().untilHealthy()
	if healthy := s.Updated.Sub(s.Started); healthy < 300*time.Millisecond {
		t.Errorf("healthy after %s", healthy)
	}
}

// A service that nobody can ask and whose port is published is healthy as soon as it listens there.
func TestSettlesWhenItListens(t *testing.T) {
	l, err := net.Listen("tcp4", "0.0.0.0:0") // of another process: the agent shares its network with nobody else
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	r := newTest(t, script("exec sleep 60"))
	r.Service.Settle, r.Service.Ports = spec.Duration(time.Hour), []spec.Port{{Container: port, Published: port}}
	r.start()
	r.until("it runs", func() bool { return r.status().Phase == state.Running })
	if s := r.status(); s.Health != state.Starting {
		t.Errorf("%s, and nobody listens", s.Health)
	}
	if l, err = net.Listen("tcp4", fmt.Sprintf("0.0.0.0:%d", port)); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r.untilHealthy()
}

// Why a script cannot be run is told where its end is told.
func TestScriptOfWindows(t *testing.T) {
	r, at := newContainer(t, script(""))
	r.prepare(`printf '#!/bin/sh\r\necho hello\r\n' >start.sh; chmod 755 start.sh`)
	r.Service.Process.Command = []string{at("start.sh")}
	r.start().exitCode()
	if s := r.status(); s.LastExit == nil || !strings.Contains(s.LastExit.Reason, "it has Windows line ends") {
		t.Errorf("%+v", s.LastExit)
	}
}

// Who reads the agent's output may be gone: that ends neither the agent nor its service, nor does the service lose the signal.
func TestClosedOutput(t *testing.T) {
	r := newTest(t, script(`kill -PIPE $$; echo survived`))
	r.Service.Restart.Policy = spec.RestartNo
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	r.closed = writer
	r.start()
	r.until("its end", func() bool { return r.status().LastExit != nil })
	if s := r.status(); s.LastExit.Signal != "SIGPIPE" || s.Phase != state.Exited {
		t.Errorf("%+v %+v", s, s.LastExit)
	}
	if strings.Contains(r.logs(), "survived") {
		t.Errorf("the service does not know SIGPIPE any more:\n%s", r.logs())
	}
	writer.Close()
}

// An agent whose stack's volume was taken away ends, and its service with it: nobody could ask it to, and it holds the locks.
func TestAbandoned(t *testing.T) {
	r := newTest(t, script("exec sleep 60"))
	pid := r.start().untilHealthy().PID
	if err := os.Rename(r.State, r.State+".gone"); err != nil {
		t.Fatal(err)
	}
	if code := r.exitCode(); code != 143 || alive(pid) {
		t.Errorf("exit code %d, the service is alive: %t\n%s", code, alive(pid), r.output.String())
	}
}
