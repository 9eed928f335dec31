//go:build root

package agent

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// beating is a service that writes to a file again and again, from a child of its own, and that answers a probe only while it does.
func beating(t *testing.T) (*running, func() int64) {
	file := filepath.Join(t.TempDir(), "beats")
	service := script(`trap 'exit 0' TERM; (while :; do echo x >> "$BEATS"; sleep 0.01; done) & while :; do sleep 0.05; done`)
	service.Process.Env = []spec.Variable{spec.Env("BEATS", file)}
	service.Probe = &spec.Probe{Exec: []string{"sh", "-c", `before=$(wc -c < "$BEATS"); sleep 0.1; test $(wc -c < "$BEATS") -gt $before`}, Interval: spec.Duration(200 * time.Millisecond), Retries: 1}
	service.Restart = spec.Restart{Policy: spec.RestartAlways, OnUnhealthy: true}
	r := newTest(t, service)
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(file); dir != os.TempDir(); dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	return r, func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
}

// A paused service does nothing and is not asked, keeps its health and its process, and goes on where it was.
func TestPause(t *testing.T) {
	r, beats := beating(t)
	r.start().untilHealthy()
	pid := r.status().PID
	for range 3 {
		if err := r.ask(protocol.VerbPause, nil); err != nil {
			t.Fatal(err)
		}
		before, probe := beats(), r.status().Probes
		if s := r.status(); s.Phase != state.Paused || s.Health != state.Healthy || s.PID != pid || s.Outcome() != state.Pending {
			t.Errorf("paused: %+v", s)
		}
		time.Sleep(time.Second) // several probes would have failed
		if s := r.status(); beats() != before || s.Phase != state.Paused || s.Streak != 0 || len(s.Probes) > 0 && s.Probes[len(s.Probes)-1].Start != probe[len(probe)-1].Start {
			t.Errorf("%d beats in a pause, %+v", beats()-before, s)
		}
		if err := state.At(r.State).WriteRun(state.Run{Stack: "shop", Started: time.Now()}); err != nil {
			t.Fatal(err)
		}
		for verb, want := range map[string]string{protocol.VerbPause: "is paused already", protocol.VerbExec: "is paused: dagger call --name shop unpause --service"} {
			if err := r.ask(verb, nil); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", verb, err)
			}
		}
		if err := r.ask(protocol.VerbUnpause, nil); err != nil {
			t.Fatal(err)
		}
		r.until("it goes on", func() bool { return beats() > before })
		r.untilHealthy()
	}
	if err := r.ask(protocol.VerbUnpause, nil); err == nil || !strings.Contains(err.Error(), "is not paused") {
		t.Error(err)
	}
	if s := r.status(); s.PID != pid || s.Restarts != 0 || s.Phase != state.Running {
		t.Errorf("%+v", s)
	}
}

// A paused service can be restarted, killed and stopped.
func TestPausedIsEnded(t *testing.T) {
	r, _ := beating(t)
	r.start().untilHealthy()
	pause := func() {
		t.Helper()
		if err := r.ask(protocol.VerbPause, nil); err != nil {
			t.Fatal(err)
		}
	}
	pause()
	var restarted protocol.RestartResult
	if err := r.ask(protocol.VerbRestart, &restarted); err != nil || restarted.Forced || restarted.NewPID == restarted.OldPID {
		t.Errorf("restart: %+v %v", restarted, err)
	}
	pause()
	if err := r.askWith(protocol.VerbKill, protocol.KillArgs{Signal: "SIGKILL"}, nil); err != nil {
		t.Error(err)
	}
	r.until("the next process", func() bool { return r.status().Restarts == 1 })
	r.untilHealthy()
	pause()
	if err := r.ask(protocol.VerbStop, nil); err != nil {
		t.Error(err)
	}
	if code := r.exitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if s := r.status(); s.LastExit == nil || s.LastExit.Forced || s.LastExit.Signal != "" {
		t.Errorf("stop: %+v", s.LastExit)
	}
}

// What the engine does to end a session ends a paused service, too: SIGKILL, and nobody to let the service go on.
func TestPausedIsKilledFromOutside(t *testing.T) {
	r, _ := beating(t)
	r.start().untilHealthy()
	if err := r.ask(protocol.VerbPause, nil); err != nil {
		t.Fatal(err)
	}
	pid := r.status().PID
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	_ = process.Kill()
	r.until("the process is gone", func() bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}
