package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A command runs in a running service, from another terminal; its exit code is the CLI's.
func TestExec(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
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
		{"no-such-program", nil, 1, `backend: the command cannot be run: command "no-such-program": not found`},
		{"sh -c 'unfinished", nil, 1, "unfinished"},
		{"true", []string{"--env", "1=2"}, 1, `variable name "1": want letters`},
		{"true", []string{"--timeout", "soon"}, 1, `timeout "soon": want a duration such as 60s`},
		{"true", []string{"--working-dir", "/nowhere"}, 1, "/nowhere"},
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
	s.contains("unknown", s.fails("exec", "--service", "web", "--command", "true"), `service "web" is not part of the stack: want one of postgres, redis, backend`)

	s.contains("top", s.ok("top", "--service", "backend"), "SERVICE  PID", "python main.py")
	s.contains("all", s.ok("top", "--format", "json"), `"service":"postgres"`, `"user":"postgres"`)
	s.contains("kill", s.ok("kill", "--service", "backend", "--signal", "term"), "backend got SIGTERM: pid ")
	s.ok("health", "--wait", "60s")
	s.contains("kill", s.fails("kill", "--service", "backend", "--signal", "nope"), `signal "SIGNOPE": want a name such as SIGHUP`)

	s.testPause()

	call := s.begin("exec", "--service", "backend", "--command", "sh -c 'echo $$ > /tmp/pid; sleep 600'")
	running := func() bool {
		return s.call("exec", "--service", "backend", "--command", "sh -c 'kill -0 $(cat /tmp/pid)'").code == 0
	}
	s.eventually("the command runs", running)
	call.kill()
	s.eventually("the command is gone", func() bool { return !running() })
	s.testShell()
	s.ok("stop")
	s.contains("stopped", s.fails("exec", "--service", "backend", "--command", "true"), "is not running")
}

// A shell in a terminal: sizes, Ctrl-C, a program that wants one, and its end.
func (s *stack) testShell() {
	s.contains("unknown", s.fails("shell", "--service", "web"), `service "web" is not part of the stack: want one of postgres, redis, backend`)
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

	psql := s.terminal("shell", "--service", "postgres", "--command", "psql -U postgres app", "terminal")
	psql.types("", "app=#")
	psql.types("select 40 + 2 as answer;\r", "42")
	psql.types("\\q\r", "exit 0")
	<-psql.exited
}

// A paused service answers nobody, health says so, and it goes on where it was.
func (s *stack) testPause() {
	s.contains("pause", s.ok("pause", "--service", "backend"), "backend paused")
	s.contains("health", s.fails("health"), "paused", "dagger call unpause lets it go on", "is not healthy")
	s.contains("exec", s.fails("exec", "--service", "backend", "--command", "true"), "backend is paused: dagger call unpause --service backend")
	s.contains("again", s.fails("pause", "--service", "backend"), "backend is paused already")
	s.contains("unpause", s.ok("unpause"), "backend unpaused")
	s.ok("health", "--wait", "60s")
	s.contains("events", s.ok("events", "--service", "backend"), "backend start\n", "backend kill (signal=SIGTERM)\n", "backend die (", "backend pause\n", "backend unpause\n")
	s.contains("none", s.fails("unpause"), "nothing to unpause: no service of the stack is paused")
}
