//go:build root

package agent

import (
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// quick is a probe that fits a test.
func quick(p spec.Probe) *spec.Probe {
	p.StartInterval, p.Interval, p.Timeout, p.Retries = spec.Duration(20*time.Millisecond), spec.Duration(50*time.Millisecond), spec.Duration(time.Second), 3
	p.StartPeriod = spec.Duration(10 * time.Second)
	return &p
}

// server answers probes with the status it is told to.
func server(t *testing.T) (port int, answer func(status int)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	statuses := make(chan int, 1)
	statuses <- 200
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := <-statuses
		statuses <- status
		w.WriteHeader(status)
		w.Write([]byte("said the server"))
	}))
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port, func(status int) { <-statuses; statuses <- status }
}

// A service that has none of the guessed paths is healthy, as many an API has none, and its log says what that means.
func TestNoGuessedPath(t *testing.T) {
	port, answer := server(t)
	answer(404)
	service := script("exec sleep 60")
	service.Probe = quick(spec.Probe{HTTP: &spec.HTTPGet{Port: port, Paths: []string{"/health", "/"}, Guessed: true}})
	r := newTest(t, service).start()
	r.untilHealthy()
	want := "is healthy only in that it answers: GET /health: 404 Not Found; GET /: 404 Not Found: name a path that says more with --"
	r.until("a note", func() bool { return strings.Contains(r.logs(), want) })
}

func TestUnhealthyAndBack(t *testing.T) {
	port, answer := server(t)
	service := script("printf 'one\\ntwo\\n'; exec sleep 60")
	service.Probe = quick(spec.Probe{HTTP: &spec.HTTPGet{Port: port, Paths: []string{"/health"}}})
	r := newTest(t, service).start()
	r.untilHealthy()
	answer(500)
	r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	s := r.status()
	last := s.Probes[len(s.Probes)-1]
	if s.Streak < 3 || last.ExitCode != 1 || !strings.Contains(last.Output, "GET /health: 500") || !strings.Contains(last.Output, "said the server") {
		t.Errorf("status %+v", s)
	}
	if s.Restarts != 0 {
		t.Error("restarted, but nobody asked for that")
	}
	answer(200)
	if s := r.untilHealthy(); s.Streak != 0 {
		t.Errorf("failing streak %d", s.Streak)
	}
	counted := r.status().Counts
	if counted.LogLines != 2 || counted.LogBytes != 8 || counted.Failed < 3 || counted.Probes <= counted.Failed || counted.Probing <= 0 {
		t.Errorf("counts %+v", counted)
	}
	r.until("five results", func() bool { return len(r.status().Probes) == state.ProbesKept })
}

func TestRestartWhenUnhealthy(t *testing.T) {
	port, answer := server(t)
	service := script("trap 'exit 0' TERM; while :; do sleep 0.02; done")
	service.Probe = quick(spec.Probe{HTTP: &spec.HTTPGet{Port: port, Paths: []string{"/"}}})
	service.Restart.OnUnhealthy = true
	r := newTest(t, service).start()
	old := r.untilHealthy().PID
	answer(503)
	r.until("restarted", func() bool { return r.status().Restarts > 0 })
	answer(200)
	if s := r.untilHealthy(); s.PID == old {
		t.Errorf("status %+v", s)
	}
}

func TestHungServiceIsUnhealthy(t *testing.T) {
	service := script("exec sleep 60")
	service.Probe = quick(spec.Probe{Exec: []string{"sh", "-c", "echo asking; sleep 30"}})
	service.Probe.Timeout, service.Probe.StartPeriod = spec.Duration(time.Second), spec.Duration(time.Millisecond)
	r := newTest(t, service).start()
	r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	if out := r.status().Probes[0].Output; !strings.Contains(out, "no answer within 1s") || !strings.Contains(out, "asking") {
		t.Errorf("output %q", out)
	}
}

func TestStoppedProcessIsUnhealthy(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	service := script("exec python3 -m http.server --bind 127.0.0.1 " + itoa(port))
	service.Probe = quick(spec.Probe{HTTP: &spec.HTTPGet{Port: port, Paths: []string{"/"}}})
	service.Probe.Timeout = spec.Duration(200 * time.Millisecond)
	service.Process.Workdir = "/"
	r := newTest(t, service).start()
	pid := r.untilHealthy().PID
	syscall.Kill(pid, syscall.SIGSTOP)
	r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	syscall.Kill(pid, syscall.SIGCONT)
	r.untilHealthy()
}

// A probe runs as the service's user and as confined as the service.
func TestProbeCommandIsConfined(t *testing.T) {
	service := script("exec sleep 60")
	service.Probe = quick(spec.Probe{Exec: []string{"sh", "-c", "id -u; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status"}})
	r := newTest(t, service).start()
	out := r.untilHealthy().Probes[0].Output
	for _, want := range []string{"65534\n", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %q", want, out)
		}
	}
}

func TestFirstStartThatNeverWorks(t *testing.T) {
	service := script("echo up; exec sleep 60")
	service.Probe = quick(spec.Probe{TCP: &spec.TCPSocket{Port: 1}})
	service.Probe.StartPeriod = spec.Duration(time.Millisecond)
	service.Restart.OnUnhealthy = true // of no use to a service that never worked
	r := newTest(t, service).start()
	r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	if s := r.status(); s.Restarts != 0 || !strings.Contains(s.Probes[0].Output, "connection refused") {
		t.Errorf("status %+v", s)
	}
}

// A service that needs longer to start than it has is told by which setting it gets longer; one whose failure waiting does not mend is not.
func TestLateStart(t *testing.T) {
	service := script("exec sleep 60")
	service.Probe = quick(spec.Probe{Exec: []string{"false"}})
	service.Probe.StartPeriod = spec.Duration(time.Second)
	r := newTest(t, service).start()
	r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	const want = "false: exit code 1: it had 1s to start; with-health --service thing --start-period 5m gives it longer"
	if reason := r.status().Reason(); !strings.Contains(reason, want) {
		t.Errorf("the reason is %q, want %q", reason, want)
	}
	if want := "it had 1s to start"; !strings.Contains(r.logs(), want) {
		t.Errorf("the log is %q, want %q", r.logs(), want)
	}
}
