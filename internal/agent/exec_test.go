//go:build root

package agent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// exec runs a command in the running service.
func (r *running) exec(ctx context.Context, request control.ExecRequest, stdin string) (result protocol.ExecResult, stdout, stderr string, err error) {
	request.Service, request.Input = r.Service.Name, stdin != ""
	var out, errs bytes.Buffer
	stack := control.Client{Name: "test", State: state.At(r.State)}
	result, err = stack.Exec(ctx, request, strings.NewReader(stdin), &out, &errs)
	return result, out.String(), errs.String(), err
}

func (r *running) shell(script string) (stdout string) {
	r.Helper()
	result, stdout, stderr, err := r.exec(r.Context(), control.ExecRequest{Command: []string{"sh", "-c", script}}, "")
	if err != nil || result.Code != 0 {
		r.Fatalf("%s: %v %+v %s", script, err, result, stderr)
	}
	return stdout
}

// rights says what the kernel says that a process may do.
const rights = `grep -E "^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp|Seccomp_filters|Umask):" /proc/self/status; cat /proc/self/limits /proc/self/oom_score_adj`

// beside is what a command has in common with the service that it runs beside.
const beside = rights + `; cat /proc/self/cgroup; readlink /proc/self/ns/* /proc/self/root; pwd`

// A command has the rights, namespaces, limits, variables and folder of the service, whatever that is, and no others; so has a terminal. What
// is run like the service, in a container of its own, has its rights and limits.
func TestExecIsAsTheService(t *testing.T) {
	const text = beside + "; echo begun; exec sleep 60"
	for name, start := range map[string]func(text string) *running{
		"a service":   func(text string) *running { return newTest(t, script(text)) },
		"a container": func(text string) *running { r, _ := newContainer(t, contained(text)); return r },
		"a container with more": func(text string) *running {
			service := contained(text)
			service.Container.Init, service.Process.NewPrivileges, service.Container.Ulimits = true, true, []spec.Ulimit{{Name: "nofile", Soft: 77, Hard: 99}}
			service.Process.Capabilities = append(service.Process.Capabilities, "CAP_NET_RAW", "CAP_SYS_CHROOT")
			r, _ := newContainer(t, service)
			return r
		},
		"a container's user": func(text string) *running {
			service := contained(text)
			service.Process.User, service.Process.Root, service.Process.Groups = "daemon", false, []string{"7", "users"}
			r, _ := newContainer(t, service)
			return r
		},
	} {
		r := start(text)
		r.Service.Process.Env = []spec.Variable{spec.Env("COLOUR", "red")}
		r.Cgroup = "test-" + strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "'", "")
		r.start()
		r.until("begun", func() bool { return strings.Contains(r.logs(), "begun") })
		own := r.logs()
		has := func(what, all string) {
			t.Helper()
			if len(all) < 500 {
				t.Errorf("%s of %s: too little: %q", what, name, all)
			}
			for line := range strings.Lines(strings.ReplaceAll(all, "\r", "")) {
				if !strings.Contains(own, strings.TrimSpace(line)) {
					t.Errorf("%s of %s has %q, the service:\n%s", what, name, line, own)
				}
			}
		}
		has("a command", r.shell(beside))
		terminal := r.open("sh", "-c", beside+"; echo begun")
		<-terminal.ended
		has("a terminal", terminal.screen.String())
		once := runOneOff(t, r.Service)
		if r.Isolation != nil {
			once, _ = newContainer(t, r.Service)
			once.OneOff = filepath.Join(filepath.Dir(once.State), "one-off")
		}
		once.Service.Process.Command, once.Cgroup = []string{"/bin/sh", "-c", rights}, r.Cgroup+"-once"
		once.start().result()
		has("a one-off", once.output.String())

		if got := r.shell("echo $COLOUR"); got != "red\n" {
			t.Errorf("the variable of %s: %q", name, got)
		}
		_, out, _, err := r.exec(t.Context(), control.ExecRequest{Command: []string{"sh", "-c", "echo $COLOUR; pwd"}, Env: []string{"COLOUR=blue"}, Workdir: "/usr/bin"}, "")
		if out != "blue\n/usr/bin\n" || err != nil {
			t.Errorf("with more: %q %v", out, err)
		}
	}
}

func TestExecAnswers(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	for _, c := range []struct {
		request              control.ExecRequest
		stdin                string
		result               protocol.ExecResult
		stdout, stderr, fail string
	}{
		{control.ExecRequest{Command: []string{"sh", "-c", "echo out; echo err >&2; exit 3"}}, "", protocol.ExecResult{Code: 3}, "out\n", "err\n", ""},
		{control.ExecRequest{Command: []string{"cat"}}, "\x00\xff bytes\n", protocol.ExecResult{}, "\x00\xff bytes\n", "", ""},
		{control.ExecRequest{Command: []string{"cat"}}, "", protocol.ExecResult{}, "", "", ""},
		{control.ExecRequest{Command: []string{"head", "-c", "1"}}, strings.Repeat("x", 1<<20), protocol.ExecResult{}, "x", "", ""},
		{control.ExecRequest{Command: []string{"sh", "-c", "kill -9 $$"}}, "", protocol.ExecResult{Code: 137, Signal: "SIGKILL"}, "", "", ""},
		{control.ExecRequest{Command: []string{"sleep", "60"}, Timeout: "100ms"}, "", protocol.ExecResult{Code: 137, Signal: "SIGKILL", TimedOut: true}, "", "", ""},
		{control.ExecRequest{Command: []string{"sh", "-c", "sleep 60 & echo left behind"}}, "", protocol.ExecResult{}, "left behind\n", "", ""},
		{control.ExecRequest{Command: []string{"no-such-program"}}, "", protocol.ExecResult{}, "", "", `the command cannot be run: command "no-such-program": not found`},
		{control.ExecRequest{Command: []string{"true"}, Workdir: "/nowhere"}, "", protocol.ExecResult{}, "", "", "/nowhere"},
		{control.ExecRequest{}, "", protocol.ExecResult{}, "", "", "command: want one program and its arguments"},
		{control.ExecRequest{Command: []string{"true"}, Timeout: "soon"}, "", protocol.ExecResult{}, "", "", `timeout "soon": want a duration`},
	} {
		result, stdout, stderr, err := r.exec(t.Context(), c.request, c.stdin)
		if result != c.result || stdout != c.stdout || stderr != c.stderr || (err == nil) != (c.fail == "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%+v: %+v %.100q %q %v", c.request, result, stdout, stderr, err)
		}
	}
}

func TestExecIsRedacted(t *testing.T) {
	service := script(`exec sleep 60`)
	service.Process.Env = []spec.Variable{{Name: "KEY", Value: spec.Value{spec.SecretPart("key", spec.Plain)}}}
	r := newTest(t, service)
	if err := os.Mkdir(r.Secrets, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Secrets, "key"), []byte("hush-hush-hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start().untilHealthy()
	for reveal, want := range map[bool]string{false: "it is ***", true: "it is hush-hush-hush"} {
		_, out, errs, err := r.exec(t.Context(), control.ExecRequest{Reveal: reveal, Command: []string{"sh", "-c", `printf 'it is hush-'; sleep 0.1; printf hush-hush; echo "it is $KEY" >&2`}}, "")
		if out != want || errs != want+"\n" || err != nil {
			t.Errorf("reveal %v: %q %q %v", reveal, out, errs, err)
		}
	}
}

// A client of a database that the stack has made logs in; one of a compose file's has what the file says.
func TestExecLogsIn(t *testing.T) {
	for described, want := range map[bool]string{false: "known\n", true: "\n"} {
		service := script(`exec sleep 60`)
		service.Described, service.Backup = described, &spec.Backup{Env: []spec.Variable{spec.Env("LOGIN", "known")}}
		r := newTest(t, service).start()
		r.untilHealthy()
		if got := r.shell("echo $LOGIN"); got != want {
			t.Errorf("described %v: %q", described, got)
		}
	}
}

// Who leaves takes the command along, with all that it has started; what the service runs stays.
func TestExecEndsWithItsCall(t *testing.T) {
	r := newTest(t, script(`exec sleep 61`)).start()
	r.untilHealthy()
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		// Its stdin is full, and never read.
		_, _, _, err := r.exec(ctx, control.ExecRequest{Command: []string{"sh", "-c", "setsid sleep 77 & sleep 77"}}, strings.Repeat("x", 4<<20))
		ended <- err
	}()
	r.until("the command runs", func() bool { return sleepers("77") == 2 })
	leave()
	if err := <-ended; err == nil {
		t.Error("no error for who has left")
	}
	r.until("it is gone", func() bool { return sleepers("77") == 0 })
	r.untilHealthy()
}

// Many at once, and one after the other, leave nothing: no process, no descriptor.
func TestExecLeavesNothing(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	count := func(folder string) int {
		entries, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(r.cmd.Process.Pid), folder))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	r.shell("true")
	before := count("fd")
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			want := fmt.Sprintf("number %d", i)
			if _, out, _, err := r.exec(t.Context(), control.ExecRequest{Command: []string{"cat"}}, want); out != want || err != nil {
				t.Errorf("%q %v", out, err)
			}
		})
		if i%10 == 9 {
			all.Wait()
		}
	}
	r.until("the descriptors are closed", func() bool { return count("fd") <= before })
	if got := r.shell("echo still there"); got != "still there\n" {
		t.Errorf("%q", got)
	}
}

// A restart ends what runs beside the old process, and one that comes meanwhile runs beside the new one.
func TestExecAndRestart(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	ended := make(chan protocol.ExecResult, 1)
	begun, write := io.Pipe()
	go func() {
		stack := control.Client{Name: "test", State: state.At(r.State)}
		result, _ := stack.Exec(t.Context(), control.ExecRequest{Service: r.Service.Name, Command: []string{"sh", "-c", "echo begun; sleep 60"}}, nil, write, io.Discard)
		ended <- result
	}()
	if _, err := begun.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, begun) }()
	old := r.status().PID
	var restarted protocol.RestartResult
	if err := r.ask(protocol.VerbRestart, &restarted); err != nil || restarted.OldPID != old {
		t.Fatal(restarted, err)
	}
	select {
	case result := <-ended:
		if result.Code == 0 {
			t.Errorf("%+v", result)
		}
	case <-time.After(20 * time.Second):
		t.Error("the command outlives the process that it ran beside")
	}
	if got := r.shell("echo beside the new one"); got != "beside the new one\n" {
		t.Errorf("%q", got)
	}
}

// The service's processes are listed whatever the image has, and get signals.
func TestTopAndKill(t *testing.T) {
	service := script(`trap 'echo got it' USR1; sleep 60 & echo begun; while :; do wait; done`)
	service.Restart = spec.Restart{Policy: spec.RestartNo}
	r := newTest(t, service).start()
	r.until("begun", func() bool { return strings.Contains(r.logs(), "begun") })
	r.untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	top, err := stack.Top(t.Context(), control.TopRequest{})
	if err != nil || len(top) != 1 || len(top[0].Processes) != 2 {
		t.Fatalf("%+v %v", top, err)
	}
	shell, sleep := top[0].Processes[0], top[0].Processes[1]
	if shell.PID != r.status().PID || shell.User != "nobody" || sleep.Parent != shell.PID || sleep.Command != "sleep 60" || shell.Memory == 0 || shell.Threads != 1 {
		t.Errorf("%+v %+v", shell, sleep)
	}
	for _, signal := range []string{"usr1", "SIGUSR1"} {
		if killed, err := stack.Kill(t.Context(), control.KillRequest{Service: service.Name, Signal: signal}); err != nil || killed.PID != shell.PID || killed.Signal != "SIGUSR1" {
			t.Errorf("%s: %+v %v", signal, killed, err)
		}
	}
	r.until("the signal is there", func() bool { return strings.Contains(r.logs(), "got it") })
	for signal, want := range map[string]string{"SIGNOPE": `signal "SIGNOPE": want a name such as SIGHUP`, "": `signal ""`} {
		if _, err := stack.Kill(t.Context(), control.KillRequest{Service: service.Name, Signal: signal}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", signal, err)
		}
	}
	if _, err := stack.Kill(t.Context(), control.KillRequest{Service: service.Name, Signal: "KILL"}); err != nil {
		t.Error(err)
	}
	r.untilStatus("the end", func(s state.Status) bool { return s.LastExit != nil && s.LastExit.Signal == "SIGKILL" })
}
