package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A command runs in a running service, from another terminal; its exit code is the CLI's.
func TestExec(t *testing.T) {
	t.Parallel()
	s := plain(t)
	up := s.up()
	stdin := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(stdin, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		command string
		flags   []string
		code    int
		want    string // the answer, or in the error
	}{
		{"id -u", nil, 0, "1000\n"},
		{"sh -c 'echo $COLOUR; pwd; cat'", []string{"--env", "COLOUR=blue", "--working-dir", "/tmp", "--stdin", stdin}, 0, "blue\n/tmp\nfrom a file\n"},
		{"sh -c 'echo $DATABASE_URL'", nil, 0, "postgresql://postgres:***@postgres:5432/app\n"},
		{"sh -c 'echo out; echo err >&2; exit 42'", nil, 42, `backend: "sh -c echo out; echo err >&2; exit 42" ended with exit code 42; its last lines:` + "\n  out\n  err"},
		{"sleep 60", []string{"--timeout", "1s"}, 137, `backend: "sleep 60" did not end within 1s and was killed`},
	} {
		r := s.call(append([]string{"exec", "--service", "backend", "--command", c.command}, c.flags...)...)
		got := r.stdout
		if c.code != 0 {
			got = r.stderr
		}
		if r.code != c.code || c.code == 0 && got != c.want || !strings.Contains(got, c.want) {
			t.Errorf("%s %v: exit code %d, want %d; %q, want %q", c.command, c.flags, r.code, c.code, tail(got), c.want)
		}
	}
	s.contains("reveal", s.ok("exec", "--service", "backend", "--command", "sh -c 'echo $DATABASE_URL'", "--reveal"), "@postgres:5432/app")
	if out := s.ok("exec", "--service", "postgres", "--command", "psql -U postgres -tAc 'select 40 + 2' app"); out != "42\n" {
		t.Errorf("in the database: %q", out)
	}

	s.contains("top", s.ok("top", "--service", "backend"), "SERVICE  PID", "python main.py")
	s.contains("all", s.ok("top", "--format", "json"), `"service":"postgres"`, `"user":"postgres"`)
	s.contains("kill", s.ok("kill", "--service", "backend", "--signal", "term"), "backend got SIGTERM: pid ")
	s.ok("health", "--wait", "60s")

	s.testPause()

	s.testKilled()
	s.testShell()

	// The end of the call that publishes, kill -9 here, ends the services and what runs beside them.
	sleep := s.marked("sleep", "606")
	call := s.begin("exec", "--service", "backend", "--command", strings.Join(sleep, " "))
	s.eventually("the command runs", func() bool { return runs(sleep) })
	up.kill()
	<-call.exited
	s.contains("the command", call.printed(), "backend has ended while the command ran, and the command with it")
	s.eventually("the stack is gone", func() bool { return !runs(sleep) && len(s.processes("backend")) == 0 })
	s.contains("gone", s.fails("exec", "--service", "backend", "--command", "true"), "stack \""+s.name+"\" is not running (last seen ")
}

// marked are arguments that no process of another test has: the last one gets a number of the stack's own behind a dot.
func (s *stack) marked(args ...string) []string {
	args[len(args)-1] += fmt.Sprintf(".%d", s.ports["backend"])
	return args
}

// runs tells whether a process with these arguments runs, in whatever container: those of jobs do not see what of the stack they are.
func runs(args []string) bool {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	return slices.ContainsFunc(folders, func(folder string) bool { return slices.Equal(arguments(folder), args) })
}

// kill -9 of a call, whatever it is about and also in its middle, leaves nothing of it, neither in the service nor in the engine.
func (s *stack) testKilled() {
	large := filepath.Join(s.T.TempDir(), "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Truncate(large, 300<<20); err != nil {
		s.Fatal(err)
	}
	never, all, in := s.marked("/tmp/never")[0], s.marked("/tmp/all")[0], s.marked("/tmp/in")[0]+"/"
	s.ok("exec", "--service", "backend", "--command", "sh -c 'mkfifo "+never+" && ln -s /usr "+all+"'")
	service, left := []string{"--service", "backend"}, [][]string{}
	for _, c := range []struct {
		args []string // of the process in the service
		call []string
	}{
		{s.marked("sleep", "601"), []string{"exec", "--command", strings.Join(s.marked("sleep", "601"), " ")}},
		{s.marked("sleep", "602"), []string{"shell", "--command", strings.Join(s.marked("sleep", "602"), " "), "terminal"}},
		{s.marked("sleep", "603"), []string{"run", "--project-path", s.project, "--command", strings.Join(s.marked("sleep", "603"), " "), "stdout"}},
		{[]string{"cat", "--", never}, []string{"copy-file-from", "--path", never, "contents"}},
		{[]string{"tar", "-c", "-f", "-", "-C", all, "."}, []string{"copy-from", "--path", all, "entries"}},
		{[]string{"tar", "-x", "-o", "-f", "-", "-C", in}, []string{"copy-to", "--path", in, "--file", large}},
	} {
		args := append(append(c.call[:1:1], service...), c.call[1:]...)
		begin := s.begin
		if c.call[0] == "shell" {
			begin = func(call ...string) *session { return s.terminal(call...).session }
		}
		call := begin(args...)
		s.eventually(strings.Join(c.args, " "), func() bool {
			select {
			case <-call.exited: // a copy may have been faster than we look
				return true
			default:
				return runs(c.args)
			}
		})
		call.kill()
		left = append(left, c.args)
	}
	follow := s.begin("events", "--follow")
	s.eventually("events are followed", func() bool { return s.asks("events") })
	follow.kill()
	for _, args := range left { // which the engine sees after some seconds
		s.eventually("the end of "+strings.Join(args, " "), func() bool { return !runs(args) })
	}
	s.eventually("nobody asks any more", func() bool {
		return !s.asks("events", "execute", "attach", "copy-from", "copy-file-from", "copy-to")
	})
	s.ok("copy-to", "--service", "backend", "--path", in, "--file", large)
	if got := s.ok("exec", "--service", "backend", "--command", "stat -c %s "+in+"large"); got != "314572800\n" {
		s.Errorf("a copy after one that was killed has %s bytes", got)
	}
}

// asks tells whether a helper of a call about the stack runs: the agent's program with one of these verbs.
func (s *stack) asks(verbs ...string) bool {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	return slices.ContainsFunc(folders, func(folder string) bool {
		args := arguments(folder)
		return len(args) > 1 && filepath.Base(args[0]) == "stack-agent" && slices.Contains(verbs, args[1]) &&
			strings.Contains(strings.Join(args, " "), `"`+s.name+`"`)
	})
}

// A shell in a terminal: sizes, Ctrl-C, a program that wants one, and its end.
func (s *stack) testShell() {
	shell := s.terminal("shell", "--service", "backend", "--command", "sh", "--env", "PS1=$((40+2))> ", "terminal")
	shell.types("", "42> ")
	shell.types("id -u; stty size\r", "30 100")
	shell.resize(50, 132)
	shell.types("until stty size | grep 132; do sleep 0.1; done\r", "50 132")
	shell.types("echo begun $((1+1)); sleep 600\r", "begun 2")
	shell.types("\x03", "^C")
	shell.types("echo interrupted $?\r", "interrupted 130")
	shell.types("exit 5\r", "exit 0") // which Dagger says
	<-shell.exited

	if got := s.ok("exec", "--service", "redis", "--command", "sh -c 'redis-cli ping; echo $REDISCLI_AUTH'"); got != "PONG\n***\n" {
		s.Errorf("in redis: %q", got)
	}
	psql := s.terminal("shell", "--service", "postgres", "--command", "psql -U postgres app", "terminal")
	psql.types("", "app=#")
	psql.types("select 40 + 2 as answer;\r", "42")
	psql.types("\\q\r", "exit 0")
	<-psql.exited
}

// A paused service answers nobody, health says so, and it goes on where it was.
func (s *stack) testPause() {
	s.contains("pause", s.ok("pause", "--service", "backend"), "backend paused")
	s.contains("health", s.fails("health"), "paused", "unpause lets it go on", "is not healthy")
	s.contains("exec", s.fails("exec", "--service", "backend", "--command", "true"), "backend is paused: dagger call --name "+s.name+" unpause --service backend")
	s.contains("again", s.fails("pause", "--service", "backend"), "backend is paused already")
	s.contains("unpause", s.ok("unpause"), "backend unpaused")
	s.ok("health", "--wait", "60s")
	s.contains("events", s.ok("events", "--service", "backend"), "backend start\n", "backend kill (signal=SIGTERM)\n", "backend die (", "backend pause\n", "backend unpause\n")
	s.contains("none", s.fails("unpause"), "nothing to unpause: no service of the stack is paused")
}
