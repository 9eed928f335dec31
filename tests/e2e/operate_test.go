package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	s := plain(t)
	if text := s.fails("health"); !strings.Contains(text, "never ran on this engine") {
		t.Errorf("before the first up: %s", text)
	}
	session := s.up()
	r := s.report()
	if r.Stack != s.name || !r.Healthy || time.Since(r.Time) > time.Minute || len(r.Services) != 3 {
		t.Errorf("%+v", r)
	}
	for i, name := range []string{"postgres", "redis", "backend"} {
		if got := r.Services[i]; got.Service != name || got.Health != "healthy" || got.Phase != "running" || !got.Running || got.PID == 0 {
			t.Errorf("%+v", got)
		}
	}
	if text := s.ok("health", "--service", "redis"); !strings.Contains(text, "PONG") || strings.Contains(text, "backend") {
		t.Errorf("--service: %s", text)
	}
	if got := s.ok("status", "health"); strings.Count(got, "healthy") != 3 {
		t.Errorf("status: %s", got)
	}
	// A service that is sick makes the call fail, with the report as its error.
	s.get("backend", "/sick")
	session.until("unhealthy", func() bool { return strings.Contains(session.printed(), "backend is unhealthy after 3 failed probes") })
	text := s.fails("health")
	for _, want := range []string{"postgres  healthy", "backend   unhealthy", "failed in a row: GET /health: 500", fmt.Sprintf("stack %q is not healthy at 20", s.name)} {
		if !strings.Contains(text, want) {
			t.Errorf("error %q, want %q in it", text, want)
		}
	}
	s.ok("restart", "--service", "backend")
	s.ok("health", "--wait", "20s")
	session.end()
	if text := s.fails("health"); !regexp.MustCompile(`stack "` + s.name + `" is not running \(last seen \d+s ago\): start it with dagger call --name ` + s.name + ` up --project-path \. up`).MatchString(text) {
		t.Errorf("after the end: %s", text)
	}
}

func TestUnhealthyIsRestarted(t *testing.T) {
	t.Parallel()
	s := plain(t, "--on-unhealthy", "restart")
	s.up()
	s.get("backend", "/sick")
	s.untilStarted(2)
	if r := s.report("--wait", "30s"); !r.Healthy || r.Services[2].Restarts != 1 {
		t.Errorf("%+v", r)
	}
}

func TestCrashIsRestarted(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	before := s.report().Services[2].PID
	for i := 1; i <= 2; i++ {
		s.crash()
		s.untilStarted(i + 1)
	}
	if r := s.report("--wait", "30s"); r.Services[2].Restarts != 2 || r.Services[2].PID == before {
		t.Errorf("%+v", r)
	}
	// How long it waits depends on how long the service had been healthy: unit tests have that.
	if text := s.ok("logs", "--service", "backend"); strings.Count(text, "[stack] backend ended: exit code 3; starting it again in ") != 2 {
		t.Errorf("logs:\n%s", text)
	}
}

// untilStarted waits until the backend has said so often that it starts. After its first start, its output is in its log alone.
func (s *stack) untilStarted(times int) {
	s.Helper()
	s.eventually("another start", func() bool {
		return strings.Count(s.ok("logs", "--service", "backend", "--tail", "10000"), "backend starting") == times
	})
}

// crash makes the backend exit.
func (s *stack) crash() {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/exit", s.ports["backend"]))
	if err == nil {
		response.Body.Close()
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	s.sql("CREATE TABLE kept (id int)")
	s.sql("INSERT INTO kept VALUES (1)")
	before := s.report()
	line := regexp.MustCompile(`^(\w+) restarted: pid (\d+) -> (\d+), healthy after \d+\.\d s$`)
	for i, service := range []string{"postgres", "redis", "backend"} {
		text := strings.TrimSpace(s.ok("restart", "--service", service))
		match := line.FindStringSubmatch(text)
		if match == nil || match[1] != service || match[2] != fmt.Sprint(before.Services[i].PID) || match[2] == match[3] {
			t.Errorf("%s: %q, was %+v", service, text, before.Services[i])
		}
	}
	text := strings.TrimSpace(s.ok("restart", "--service", "postgres", "--with-dependents"))
	if got := lines(text); len(got) != 2 || !strings.HasPrefix(got[0], "postgres restarted") || !strings.HasPrefix(got[1], "backend restarted") {
		t.Errorf("--with-dependents: %q", text)
	}
	if got := s.sql("SELECT count(*)::text FROM kept"); got != "1" {
		t.Errorf("%s rows", got)
	}
}

// stop ends the stack from another terminal: gracefully and in order.
func TestStop(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	got := lines(s.ok("stop"))
	if n := len(got) - 1; n < 0 || !strings.HasPrefix(got[n], "the published ports are closed; interrupt the call") {
		t.Errorf("stop: %q", got)
	} else {
		got = got[:n]
	}
	for _, service := range []string{"backend", "api"} { // the gateway has ended by now; the CLI hears of it from the engine
		s.eventually("the port of "+service+" is closed", func() bool {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.ports[service]))
			if err == nil {
				conn.Close()
			}
			return err != nil
		})
	}
	slices.Sort(got[min(1, len(got)):]) // the two that nothing needs any more end at once
	if len(got) != 3 || !strings.HasPrefix(got[0], "backend stopped after") || !strings.HasPrefix(got[1], "postgres stopped after") {
		t.Errorf("stop: %q", got)
	}
	for service, want := range map[string]string{"postgres": "database system is shut down", "redis": "Redis is now ready to exit"} {
		if text := s.ok("logs", "--service", service); !strings.Contains(text, want) {
			t.Errorf("%s did not end gracefully:\n%s", service, tail(text))
		}
	}
	for _, call := range [][]string{{"stop"}, {"health"}, {"restart", "--service", "redis"}, {"backup", "size"}} {
		if text := s.fails(call...); !strings.Contains(text, "is not running") {
			t.Errorf("%v after stop: %s", call, text)
		}
	}
}

// A server that waits for its last client is not kept by clients of its published port.
func TestStopWithClients(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/hello")
	s.up()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.ports["backend"])); err == nil {
				c.Close()
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	time.Sleep(time.Second)
	if text := s.ok("stop"); !strings.Contains(text, "backend stopped after") || strings.Contains(text, "was killed") {
		t.Errorf("stop: %s", text)
	}
}

func TestBackupRestoreReset(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	s.sql("CREATE TABLE kept (id int)")
	s.sql("INSERT INTO kept SELECT generate_series(1, 500)")
	s.sql("CREATE ROLE reader")
	s.sql("GRANT SELECT ON kept TO reader")
	s.sql("CREATE DATABASE analytics OWNER reader")
	s.redis("SET", "kept", "in redis")
	file := filepath.Join(t.TempDir(), "backup.tar")
	s.ok("backup", "export", "--path", file)
	session.end()
	s.ok("reset", "--confirm", s.name)
	session = s.up()
	session.until("that the data is gone", func() bool {
		return strings.Contains(session.printed(), "is new on this engine and starts without data")
	})
	if got := s.sql("SELECT count(*)::text FROM pg_tables WHERE tablename = 'kept'"); got != "0" {
		t.Errorf("after reset: %s tables", got)
	}
	text := s.ok("restore", "--from", file)
	if !strings.Contains(text, "postgres restored from the backup of stack "+fmt.Sprintf("%q", s.name)) || !strings.Contains(text, "redis restored") {
		t.Errorf("restore: %s", text)
	}
	if rows, value := s.sql("SELECT count(*)::text FROM kept"), s.redis("GET", "kept"); rows != "500" || value != "in redis" {
		t.Errorf("restored %s rows and %q", rows, value)
	}
	if got := s.sql("SELECT has_table_privilege('reader', 'kept', 'SELECT') || ' ' || datdba::regrole FROM pg_database WHERE datname = 'analytics'"); got != "true reader" {
		t.Errorf("the role and its database: %s", got)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.tar")
	data, _ := os.ReadFile(file)
	data[len(data)/2] ^= 0xff
	os.WriteFile(damaged, data, 0o644)
	if text := s.fails("restore", "--from", damaged); !strings.Contains(text, "the backup is damaged") {
		t.Errorf("restore of a damaged file: %s", text)
	}
	if rows := s.sql("SELECT count(*)::text FROM kept"); rows != "500" {
		t.Errorf("after restores that failed: %s rows", rows)
	}
}

func TestEphemeralKeepsNoData(t *testing.T) {
	t.Parallel()
	s := plain(t, "--ephemeral")
	session := s.up()
	s.sql("CREATE TABLE gone (id int)")
	session.end()
	s.up()
	if got := s.sql("SELECT count(*)::text FROM pg_tables WHERE tablename = 'gone'"); got != "0" {
		t.Errorf("%s tables", got)
	}
}

func TestPasswordChanges(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	s.sql("CREATE TABLE kept (id int)")
	session.end()
	os.Setenv("E2E_PASSWORD", "p@ss/w'ord")
	s.flags = append(s.flags, "--db-password", "env://E2E_PASSWORD")
	s.up()
	if got := s.env("DATABASE_URL"); !strings.Contains(got, "p%40ss%2Fw%27ord") {
		t.Errorf("DATABASE_URL %q", got)
	}
	if got := s.sql("SELECT count(*)::text FROM kept"); got != "0" {
		t.Errorf("%s rows", got)
	}
}

func TestSmoke(t *testing.T) {
	t.Parallel()
	s := plain(t)
	r := s.call("smoke", "--project-path", s.project)
	if r.code != 0 || !strings.Contains(r.stderr, "is healthy at") || !strings.Contains(r.stderr, "postgres stopped after") {
		t.Errorf("exit code %d\n%s", r.code, tail(r.stderr))
	}
	broken := newStack(t, "tests/fixtures/plain", "--backend-command", "python -c 'raise SystemExit(3)'")
	if text := broken.fails("smoke", "--project-path", broken.project); !strings.Contains(text, "backend did not become healthy") {
		t.Errorf("a stack that does not boot: %s", text)
	}
}
