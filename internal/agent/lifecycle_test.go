//go:build root

package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

func TestOutputIsKept(t *testing.T) {
	r := newTest(t, script("echo out; echo err >&2; printf last; sleep 60")).start()
	r.until("all lines", func() bool {
		logs := r.logs()
		return strings.Contains(logs, "out\n") && strings.Contains(logs, "err\n") && strings.Contains(logs, "last")
	})
}

func TestExitCodeOfFirstStart(t *testing.T) {
	for _, c := range []struct {
		script string
		want   int
	}{
		{"exit 0", 0}, {"exit 3", 3}, {"exit 255", 255}, {"kill -KILL $$", 137}, {"kill -SEGV $$", 139},
	} {
		service := script("echo last words; " + c.script)
		service.Probe = &spec.Probe{Exec: []string{"false"}}
		r := newTest(t, service).start()
		if got := r.exitCode(); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.script, got, c.want)
		}
		if !strings.Contains(r.logs(), "last words\n") {
			t.Errorf("%s: the output is lost: %q", c.script, r.logs())
		}
		if s := r.status(); s.Phase != state.Exited || s.LastExit == nil || s.LastExit.Code != c.want {
			t.Errorf("%s: status %+v", c.script, s)
		}
	}
}

func TestCommandThatCannotStart(t *testing.T) {
	for command, want := range map[string]string{
		"/no/such/command":  `command "/no/such/command": not found`,
		"no-such-command-x": `command "no-such-command-x": not found`,
		"/etc/passwd":       "not executable",
	} {
		service := script("")
		service.Process.Command = []string{command}
		r := newTest(t, service).start()
		if got := r.exitCode(); got != 127 {
			t.Errorf("%s: exit code %d, want 127", command, got)
		}
		if !strings.Contains(r.logs(), want) {
			t.Errorf("%s: log %q, want %q in it", command, r.logs(), want)
		}
	}
}

func TestGracefulStop(t *testing.T) {
	for _, c := range []struct {
		name, script, signal string
		group                bool
		want                 int
		says                 string
	}{
		{"own signal", `trap 'echo got INT; exit 5' INT; echo up; while :; do sleep 0.05; done`, "SIGINT", false, 5, "got INT"},
		{"default is TERM", `trap 'echo got TERM; exit 0' TERM; echo up; while :; do sleep 0.05; done`, "", false, 0, "got TERM"},
		{"not handled", `echo up; exec sleep 60`, "", false, 143, "up"},
		{"ignored", `trap '' TERM; echo up; while :; do sleep 0.05; done`, "", false, 137, "did not stop within 2s: killed"},
		// A shell that waits for a child handles no signal until the child ends.
		{"group", `trap 'echo shell got it' TERM; (trap 'echo child got it; exit' TERM; echo up; while :; do sleep 0.05; done); echo done`, "", true, 0, "child got it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := script(c.script)
			service.Process.StopSignal, service.Process.StopGroup = c.signal, c.group
			r := newTest(t, service).start()
			r.until("up", func() bool { return strings.Contains(r.logs(), "up\n") })
			r.cmd.Process.Signal(syscall.SIGTERM)
			if got := r.exitCode(); got != c.want {
				t.Errorf("exit code %d, want %d; log:\n%s", got, c.want, r.logs())
			}
			// What is printed while stopping is kept too.
			if !strings.Contains(r.logs(), c.says) {
				t.Errorf("log %q, want %q in it", r.logs(), c.says)
			}
			if exit := r.status().LastExit; exit.Forced != strings.Contains(c.says, "killed") {
				t.Errorf("status says %+v", exit)
			}
		})
	}
}

func TestCrashIsRestarted(t *testing.T) {
	r := newTest(t, script("echo started; exec sleep 60")).start()
	first := r.untilHealthy()
	r.until("the first line", func() bool { return r.logs() != "" })
	for i := 1; i <= 3; i++ {
		old := r.status().PID
		syscall.Kill(old, syscall.SIGKILL)
		r.until("a new process", func() bool {
			s := r.status()
			return s.PID != 0 && s.PID != old && s.Health == state.Healthy && strings.Count(r.logs(), "started\n") == i+1
		})
		if got := r.status().Restarts; got != i {
			t.Fatalf("restarts %d, want %d", got, i)
		}
	}
	if s := r.status(); s.Instance != first.Instance || s.LastExit.Signal != "SIGKILL" || s.LastExit.Code != 137 {
		t.Errorf("status %+v", s)
	}
	if want := "starting it again in 200ms"; !strings.Contains(r.logs(), want) {
		t.Errorf("log %q, want %q in it", r.logs(), want)
	}
}

func TestRestartPolicy(t *testing.T) {
	// Runs until its stop file is there and then exits with the number in it.
	const stoppable = `while [ ! -f %[1]s ]; do sleep 0.02; done; code=$(cat %[1]s); echo "leaving with $code"; exit $code`
	for _, c := range []struct {
		policy    spec.RestartPolicy
		code      int
		restarted bool
		agentEnds bool
	}{
		{spec.RestartOnFailure, 1, true, false},
		{spec.RestartOnFailure, 0, false, false},
		{spec.RestartAlways, 0, true, false},
		{spec.RestartNo, 1, false, true},
		{spec.RestartNo, 0, false, false},
	} {
		t.Run(fmt.Sprintf("%s %d", c.policy, c.code), func(t *testing.T) {
			stop := filepath.Join(t.TempDir(), "stop")
			os.Chmod(filepath.Dir(stop), 0o755)
			os.Chmod(filepath.Dir(filepath.Dir(stop)), 0o755)
			service := script(fmt.Sprintf(stoppable, stop))
			service.Restart.Policy = c.policy
			r := newTest(t, service).start()
			r.untilHealthy()
			os.WriteFile(stop+".new", []byte(strconv.Itoa(c.code)), 0o644)
			os.Rename(stop+".new", stop)
			r.until("the end of the process", func() bool { return strings.Contains(r.logs(), "leaving") })
			switch {
			case c.restarted:
				r.until("a restart", func() bool { return r.status().Restarts > 0 })
			case c.agentEnds:
				if got := r.exitCode(); got != c.code {
					t.Errorf("exit code %d, want %d", got, c.code)
				}
			default:
				r.until("exited", func() bool { return r.status().Phase == state.Exited })
				if s := r.status(); s.Health == state.Healthy || s.Restarts != 0 {
					t.Errorf("status %+v", s)
				}
				if !r.folder.Alive() {
					t.Error("the agent is gone")
				}
			}
		})
	}
}

// Every process that the service leaves behind is killed before the next one starts: children in its group, in a
// group or session of their own, and orphans.
func TestNothingSurvivesTheChild(t *testing.T) {
	marker := fmt.Sprint("77", time.Now().UnixNano()%1e9)
	r := newTest(t, script(fmt.Sprintf(`
		sleep %[1]s.1 & setsid sleep %[1]s.2 & (setsid sh -c 'sleep %[1]s.3 & sleep %[1]s.4' &) 
		sleep 0.3; echo up; exec sleep 60`, marker))).start()
	count := func() int {
		out, err := exec.Command("pgrep", "-f", "sleep "+marker).Output()
		if len(out) == 0 && err == nil {
			t.Fatal("pgrep")
		}
		return strings.Count(string(out), "\n")
	}
	r.until("four leftovers", func() bool { return strings.Contains(r.logs(), "up\n") && count() >= 4 })
	before := count()
	r.cmd.Process.Signal(syscall.SIGTERM)
	r.exitCode()
	if n := count(); n != 0 {
		t.Errorf("%d of %d processes survived", n, before)
	}
}

// One agent a service; the child keeps the lock when its agent is killed, because it still has the data open.
func TestLockOutlivesTheAgent(t *testing.T) {
	r := newTest(t, script("exec sleep 60")).start()
	child := r.untilHealthy().PID
	second := &running{T: t, testConfig: r.testConfig, folder: r.folder}
	if got := second.start().exitCode(); got != 99 || !strings.Contains(second.output.String(), "already running") {
		t.Fatalf("a second agent: exit code %d, says %q", got, second.output.String())
	}
	r.cmd.Process.Kill()
	r.exitCode()
	if !alive(child) || !r.folder.Alive() {
		t.Fatal("the lock is free while the child lives")
	}
	third := &running{T: t, testConfig: r.testConfig, folder: r.folder}
	if got := third.start().exitCode(); got != 99 {
		t.Fatalf("an agent beside a living child: exit code %d", got)
	}
	syscall.Kill(child, syscall.SIGKILL)
	r.until("the lock is free", func() bool { return !r.folder.Alive() })
	fourth := &running{T: t, testConfig: r.testConfig, folder: r.folder}
	fourth.start().untilHealthy()
}

// A running stack is one session's: of two that start one at once, exactly one gets all of it.
func TestOneSessionAStack(t *testing.T) {
	names := []string{"first", "second", "third"}
	for round := range 5 {
		stack := filepath.Join(t.TempDir(), "state")
		agents := map[string][]*running{}
		for _, session := range []string{"one", "two"} {
			for i := range names {
				r := newTest(t, script("exec sleep 60"))
				r.Service.Name, r.State, r.Session = names[i], stack, session
				if session == "two" {
					r.Service.Name = names[2-i] // they meet in the middle
				}
				agents[session] = append(agents[session], r)
			}
		}
		for i := range names {
			agents["one"][i].start()
			agents["two"][i].start()
		}
		lost := func(session string) (n int) {
			for _, r := range agents[session] {
				select {
				case err := <-r.exited:
					r.exited <- err
					n++
				default:
				}
			}
			return n
		}
		agents["one"][0].until("three agents have given up", func() bool { return lost("one")+lost("two") >= 3 })
		if one, two := lost("one"), lost("two"); one != 0 && two != 0 || one+two != 3 {
			t.Fatalf("round %d: one lost %d of 3, two %d", round, one, two)
		}
	}
}

func TestRestartOnRequest(t *testing.T) {
	r := newTest(t, script(`trap 'exit 0' TERM; echo started; while :; do sleep 0.02; done`)).start()
	old := r.untilHealthy().PID
	var first protocol.RestartResult
	if err := r.ask(protocol.VerbRestart, &first); err != nil {
		t.Fatal(err)
	}
	if s := r.status(); first.OldPID != old || first.NewPID != s.PID || first.NewPID == old || s.Restarts != 0 {
		t.Fatalf("%+v, status %+v", first, s)
	}
	// Two at once are served one after the other.
	answers := make(chan protocol.RestartResult, 2)
	for range 2 {
		go func() {
			var answer protocol.RestartResult
			if err := r.ask(protocol.VerbRestart, &answer); err != nil {
				t.Error(err)
			}
			answers <- answer
		}()
	}
	a, b := <-answers, <-answers
	if a.NewPID != b.OldPID && b.NewPID != a.OldPID || strings.Count(r.logs(), "restart requested\n") != 3 {
		t.Fatalf("%+v and %+v; log:\n%s", a, b, r.logs())
	}
	if left, _ := os.ReadDir(r.folder.Control()); len(left) != 1 {
		t.Errorf("in the control folder, beside the socket: %v", left)
	}
}

// One that is not to wait is refused while another is under way, and served when there is none.
func TestRestartThatDoesNotWait(t *testing.T) {
	r := newTest(t, script(`trap 'sleep 0.5; exit 0' TERM; echo started; while :; do sleep 0.02; done`)).start()
	r.until("started", func() bool { return strings.Contains(r.logs(), "started\n") })
	first := make(chan error)
	go func() { first <- r.ask(protocol.VerbRestart, nil) }()
	r.until("a restart", func() bool { return r.status().Phase == state.Restarting })
	impatient := func() error {
		return socket.Ask(context.Background(), r.folder, protocol.VerbRestart, protocol.RestartArgs{Refuse: true}, nil, 20*time.Second)
	}
	if err := impatient(); err == nil || protocol.CodeOf(err) != protocol.CodeBusy || err.Error() != "is being restarted, backed up or restored already" {
		t.Errorf("while one is under way: %v", err)
	}
	if err := <-first; err != nil {
		t.Errorf("the one under way: %v", err)
	}
	if err := impatient(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestRestartThatFails(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	os.Chmod(filepath.Dir(dir), 0o755)
	broken := filepath.Join(dir, "broken")
	service := script(fmt.Sprintf(`[ -f %s ] && { echo broken; exit 7; }; exec sleep 60`, broken))
	service.Probe = &spec.Probe{Exec: []string{"sleep", "0.1"}}
	r := newTest(t, service).start()
	r.untilHealthy()
	os.WriteFile(broken, nil, 0o644)
	err := r.ask(protocol.VerbRestart, nil)
	if err == nil || !strings.Contains(err.Error(), "exit code 7") {
		t.Fatalf("error %v", err)
	}
	os.Remove(broken)
	r.untilHealthy() // the restart policy goes on trying
}

// Nothing can be asked of a process without a probe, which is told as it is: it runs, or it has ended soon after.
func TestRestartWithoutProbe(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	os.Chmod(filepath.Dir(dir), 0o755)
	broken := filepath.Join(dir, "broken")
	service := script(fmt.Sprintf(`[ -f %s ] && { sleep 0.1; exit 7; }; exec sleep 60`, broken))
	service.Restart = spec.Restart{Policy: spec.RestartNo}
	r := newTest(t, service).start()
	r.untilHealthy()
	var result protocol.RestartResult
	if err := r.ask(protocol.VerbRestart, &result); err != nil || result.Now != protocol.RestartRunning {
		t.Errorf("%+v, %v", result, err)
	}
	os.WriteFile(broken, nil, 0o644)
	if err := r.ask(protocol.VerbRestart, nil); err == nil || !strings.Contains(err.Error(), "thing ended: exit code 7") {
		t.Errorf("error %v", err)
	}
}

func TestStopOnRequest(t *testing.T) {
	r := newTest(t, script(`trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done`)).start()
	r.until("up", func() bool { return strings.Contains(r.logs(), "up\n") })
	if err := r.ask(protocol.VerbStop, nil); err != nil {
		t.Fatal(err)
	}
	if got := r.exitCode(); got != 0 || !strings.Contains(r.logs(), "bye\n") {
		t.Fatalf("exit code %d, log %q", got, r.logs())
	}
	if err := r.ask(protocol.VerbStop, nil); !errors.Is(err, socket.ErrNoAnswer) {
		t.Fatalf("asking a dead agent: %v", err)
	}
}

// A request whose sender has given up is not done later: also not by an agent that was suspended meanwhile.
func TestOldRequestsAreNotServed(t *testing.T) {
	r := newTest(t, script("echo started; exec sleep 60")).start()
	r.untilHealthy()
	r.until("its first words", func() bool { return strings.Contains(r.logs(), "started\n") })
	r.cmd.Process.Signal(syscall.SIGSTOP)
	r.until("suspended", func() bool { // on a busy machine a moment later than it is asked for
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
		return err == nil && strings.Contains(string(stat), ") T ")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := socket.Ask(ctx, r.folder, protocol.VerbRestart, nil, nil, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a suspended agent: %v", err)
	}
	r.cmd.Process.Signal(syscall.SIGCONT)
	if err := r.ask(protocol.VerbRestart, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Count(r.logs(), "restart requested\n") != 1 {
		t.Errorf("log:\n%s", r.logs())
	}
}

// The socket that a killed agent has left is no trap: who asks there knows at once, and the next agent is asked as ever.
func TestSocketOfAKilledAgent(t *testing.T) {
	r := newTest(t, script("exec sleep 60")).start()
	killed := r.untilHealthy()
	r.cmd.Process.Kill()
	<-r.exited
	if err := r.ask(protocol.VerbRestart, nil); !errors.Is(err, socket.ErrEnded) {
		t.Errorf("the killed agent: %v", err)
	}
	if _, err := os.Stat(filepath.Join(r.folder.Control(), killed.Instance)); err != nil {
		t.Errorf("the test needs the socket of the killed agent: %v", err)
	}
	syscall.Kill(killed.PID, syscall.SIGKILL) // it has the lock
	r.before = killed.Instance
	r.until("the end of the process", func() bool { return !r.folder.Alive() })
	r.start().untilHealthy()
	if err := r.ask(protocol.VerbRestart, nil); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(r.folder.Control()); len(left) != 1 || left[0].Name() == killed.Instance {
		t.Errorf("in the control folder: %v", left)
	}
}
