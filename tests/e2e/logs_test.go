package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// From another terminal while the stack runs, after Ctrl-C, and after kill -9 of the CLI.
func TestLogsOutliveTheSession(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/hello")
	if text := s.fails("logs"); !strings.Contains(text, fmt.Sprintf("stack %q never ran on this engine: start it with", s.name)) {
		t.Errorf("before the first up: %s", text)
	}
	for _, ending := range []struct {
		name string
		end  func(*session)
	}{{"while it runs", nil}, {"after Ctrl-C", (*session).end}, {"after kill -9 of the CLI", func(s *session) { s.kill(); s.ended() }}} {
		t.Run(ending.name, func(t *testing.T) {
			session := s.up()
			visit := "/marked-" + strings.ReplaceAll(ending.name, " ", "-")
			s.get("backend", visit)
			if ending.end != nil {
				ending.end(session)
			}
			for service, want := range map[string]string{
				"postgres": "database system is ready to accept connections",
				"redis":    "Ready to accept connections",
				"backend":  visit,
				"frontend": "Local:   http://localhost:3000/",
			} {
				if text := s.ok("logs", "--service", service); !strings.Contains(text, want) {
					t.Errorf("logs of %s: %q is not in\n%s", service, want, tail(text))
				}
			}
			session.end()
		})
	}
}

func TestLogsFlags(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	begun := time.Now().UTC()
	for i := range 20 {
		s.get("backend", fmt.Sprintf("/print/number-%02d", i))
	}
	printed := func(flags ...string) []string {
		t.Helper()
		return lines(s.ok(append([]string{"logs", "--service", "backend"}, flags...)...))
	}
	if got := printed("--grep", "^number-", "--tail", "5"); strings.Join(got, " ") != "number-15 number-16 number-17 number-18 number-19" {
		t.Errorf("--grep --tail: %q", got)
	}
	if got := printed("--tail", "1"); len(got) != 1 {
		t.Errorf("--tail 1: %q", got)
	}
	if got := printed("--stream", "stdout", "--since", begun.Format(time.RFC3339Nano)); len(got) != 20 || got[0] != "number-00" {
		t.Errorf("--stream --since: %q", got)
	}
	if got := printed("--grep", "number", "--until", begun.Format(time.RFC3339Nano)); len(got) != 0 {
		t.Errorf("--until: %q", got)
	}
	if got := printed("--grep", "number", "--since", "1ms"); len(got) != 0 {
		t.Errorf("--since 1ms: %q", got)
	}
	stamped := printed("--grep", "^number-07", "--timestamps")
	if len(stamped) != 1 {
		t.Fatalf("--timestamps: %q", stamped)
	}
	stamp, text, _ := strings.Cut(stamped[0], " ")
	if at, err := time.Parse(time.RFC3339Nano, stamp); err != nil || at.Before(begun) || text != "number-07" {
		t.Errorf("--timestamps: %q", stamped)
	}
	var line struct {
		Time                  time.Time
		Service, Stream, Text string
	}
	if err := json.Unmarshal([]byte(s.ok("logs", "--service", "backend", "--grep", "^number-03", "--format", "json")), &line); err != nil ||
		line.Service != "backend" || line.Stream != "stdout" || line.Text != "number-03" || line.Time.IsZero() {
		t.Errorf("--format json: %+v, %v", line, err)
	}
	all := lines(s.ok("logs", "--tail", "10000", "--timestamps"))
	before, seen := "", map[string]bool{}
	for _, line := range all {
		service, rest, found := strings.Cut(line, " | ")
		stamp, _, _ := strings.Cut(rest, " ")
		if !found || len(service) != len("postgres") || stamp < before {
			t.Errorf("merged: %q after %q", line, before)
		}
		before = stamp
		seen[strings.TrimSpace(service)] = true
	}
	if len(seen) != 3 {
		t.Errorf("merged: lines of %v", seen)
	}
}

func TestLogsFollow(t *testing.T) {
	t.Parallel()
	s := plain(t)
	up := s.up()
	follower := s.begin("logs", "--service", "backend", "--follow", "--tail", "1")
	follower.until("the tail", func() bool { return strings.Contains(follower.printed(), "GET /health") })
	s.get("backend", "/print/first")
	follower.until("the first line", func() bool { return strings.Contains(follower.printed(), "| first") })
	s.ok("restart", "--service", "backend")
	s.get("backend", "/print/second")
	follower.until("a line after the restart", func() bool { return strings.Contains(follower.printed(), "| second") })
	up.end()
	select {
	case <-follower.exited:
	case <-time.After(waitTimeout):
		t.Errorf("it does not end with the stack")
	}
	if code := follower.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, tail(follower.printed()))
	}
}

// Secrets are not in any log, also when a service prints them.
func TestLogsHoldNoSecret(t *testing.T) {
	t.Parallel()
	secret := fmt.Sprintf("hush-%d", time.Now().UnixNano())
	os.Setenv("E2E_SECRET", secret)
	s := plain(t, "--db-password", "env://E2E_SECRET", "--secret-key", "env://E2E_SECRET")
	s.up()
	if got := s.env("SECRET_KEY"); got != secret {
		t.Fatalf("SECRET_KEY is %q", got)
	}
	s.get("backend", "/print/the-key-is-"+secret)
	if text := s.ok("logs", "--tail", "10000"); strings.Contains(text, secret) || !strings.Contains(text, "the-key-is-***") {
		t.Errorf("logs:\n%s", tail(text))
	}
}

// The call that publishes keeps all that it is sent: what a service prints after its start is in the log alone, and the call says where.
func TestTheCallKeepsNoLogs(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/quick")
	session := s.up()
	const lines = 50_000
	before := len(session.printed())
	if status, _ := s.get("backend", fmt.Sprint("/print/", lines)); status != 200 {
		t.Fatal(status)
	}
	last := fmt.Sprint("printed line ", lines)
	session.until("the log has all", func() bool { return strings.Contains(s.ok("logs", "--service", "backend", "--tail", "1"), last) })
	output := session.printed()
	if more := len(output) - before; strings.Contains(output, last) || more > 10_000 {
		t.Errorf("%d bytes more are printed", more)
	}
	s.contains("the output of up", output, "logs --follow", "what backend prints from here on is in its log")
}
