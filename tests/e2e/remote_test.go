package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An engine on another host runs a stack as one on this machine does: what it builds is read from here, its ports are here, and edits reach it.
func TestRemoteEngine(t *testing.T) {
	t.Parallel()
	h := newHost(t, 0, 5*time.Millisecond)
	s := plain(t)
	s.far(h)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	s.project = dir
	s.up()
	if status, body := s.get("backend", "/"); status != 200 || body != "ok" {
		t.Errorf("the backend at a port of this machine: %d %s", status, body)
	}
	if one := s.sql("SELECT 1"); !strings.Contains(one, "1") {
		t.Errorf("the database at a port of this machine: %s", one)
	}
	for _, service := range s.report().Services {
		if service.Health != "healthy" {
			t.Errorf("%s is %s", service.Service, service.Health)
		}
	}
	source, err := os.ReadFile(filepath.Join(dir, "backend/main.py"))
	if err != nil {
		t.Fatal(err)
	}
	answering := func(answer string) string {
		return strings.Replace(string(source), `else 200, "ok")`, `else 200, "`+answer+`")`, 1)
	}
	s.edit("backend/main.py", answering("synced"))
	if out := s.ok("sync"); !strings.Contains(out, "backend: main.py changed") {
		t.Errorf("sync: %s", out)
	}
	if _, body := s.get("backend", "/"); body != "synced" {
		t.Errorf("after sync the backend answers %s", body)
	}
	watch := s.begin("watch")
	watch.until("watch begins", func() bool { return strings.Contains(watch.printed(), "watching . for stack") })
	s.edit("backend/main.py", answering("watched"))
	s.eventually("the backend answers watched", func() bool { _, body := s.get("backend", "/"); return body == "watched" })
	if log := s.ok("logs", "--service", "backend"); log == "" {
		t.Error("no log")
	}
	if out := s.ok("exec", "--service", "backend", "--command", "id -u"); strings.TrimSpace(out) != "1000" {
		t.Errorf("exec: %s", out)
	}
	if h.calls.Load() < 5 || h.bytes.Load() < 1<<20 {
		t.Errorf("%d connections to the other host, %d bytes: the calls went another way", h.calls.Load(), h.bytes.Load())
	}
}

// What distance costs: docs/remote.md has the figures.
//
//	hack/engine/with go -C tests test -run '^$' -bench RemoteEngine -benchtime 3x ./e2e
func BenchmarkRemoteEngine(b *testing.B) {
	const here = -1
	for i, trip := range []time.Duration{here, 0, 20 * time.Millisecond, 100 * time.Millisecond} {
		b.Run(map[bool]string{true: "here", false: fmt.Sprint("trip=", trip)}[trip == here], func(b *testing.B) {
			s := plain(b)
			if trip != here {
				s.far(newHost(b, i, trip/2))
			}
			dir := b.TempDir()
			if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
				b.Fatal(err)
			}
			s.project = dir
			source, err := os.ReadFile(filepath.Join(dir, "backend/main.py"))
			if err != nil {
				b.Fatal(err)
			}
			const size = 64 << 20
			text := strings.Replace(string(source), `if path == "/exit":`, fmt.Sprintf("if path == \"/large\":\n            return self.answer(200, \"x\" * %d)\n        if path == \"/exit\":", size), 1)
			s.edit("backend/main.py", text)
			s.ok("config", "--project-path", dir) // the module is built, and loaded
			for b.Loop() {
				took := func(name string, do func()) {
					began := time.Now()
					do()
					b.ReportMetric(time.Since(began).Seconds(), name)
				}
				took("s/call", func() { s.ok("config", "--project-path", dir) })
				var session *session
				took("s/up", func() { session = s.up() })
				s.get("backend", "/")
				took("s/request", func() { s.get("backend", "/") })
				took("s/health", func() { s.ok("health") })
				edit := func() { s.edit("backend/main.py", text+fmt.Sprintf("\n# %v\n", time.Now())) }
				edit()
				took("s/sync", func() { s.ok("sync") })
				watch := s.begin("watch")
				watch.until("watch begins", func() bool { return strings.Contains(watch.printed(), "watching . for stack") })
				edit()
				took("s/watch", func() {
					watch.until("the backend is restarted", func() bool { return strings.Contains(watch.printed(), "backend restarted") })
				})
				watch.end()
				began := time.Now()
				if _, body := s.get("backend", "/large"); len(body) != size {
					b.Fatalf("%d bytes", len(body))
				}
				b.ReportMetric(size/1e6/time.Since(began).Seconds(), "MB/s")
				s.ok("stop")
				session.end()
			}
		})
	}
}
