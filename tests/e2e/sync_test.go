package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Edits reach the running services: a backend is restarted with them, a development server of a frontend sees them
// itself, and nothing is built.
func TestSync(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/hello")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"frontend/node_modules", "frontend/dist"} {
		os.RemoveAll(filepath.Join(dir, name))
	}
	s.project = dir
	edit := func(name, old, new string) {
		t.Helper()
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatalf("%s: %q is not in it: %v", name, old, err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, new)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s.up()
	pids := func() map[string]int {
		pids := map[string]int{}
		for _, service := range s.report().Services {
			pids[service.Service] = service.PID
		}
		return pids
	}
	before := pids()

	if out := s.ok("sync", "--project-path", dir); out != "backend: nothing has changed\nfrontend: nothing has changed\n" {
		t.Errorf("without an edit: %s", out)
	}

	edit("backend/app/main.py", `{"status": "ok"}`, `{"status": "edited"}`)
	edit("frontend/src/main.jsx", "visits", "journeys")
	os.WriteFile(filepath.Join(dir, "backend/app/extra.py"), nil, 0o644)
	out := s.ok("sync") // of the folder that the caller is in
	for _, want := range []string{"backend: app/main.py changed; app/extra.py added", "backend restarted: pid ", "frontend: src/main.jsx changed"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %s", want, out)
		}
	}
	if _, body := s.get("backend", "/health"); !strings.Contains(body, "edited") {
		t.Errorf("the backend after a sync: %s", body)
	}
	for end := time.Now().Add(waitTimeout); ; time.Sleep(100 * time.Millisecond) {
		_, body := s.get("frontend", "/src/main.jsx")
		if strings.Contains(body, "journeys") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the frontend never serves the edit: %s", body)
		}
	}
	after := pids()
	if before["backend"] == after["backend"] || before["frontend"] != after["frontend"] || before["postgres"] != after["postgres"] {
		t.Errorf("processes before %+v, after %+v", before, after)
	}

	os.Remove(filepath.Join(dir, "backend/app/extra.py"))
	if out := s.ok("sync", "--service", "backend", "--restart", "never"); !strings.Contains(out, "backend: app/extra.py deleted") || strings.Contains(out, "restarted") {
		t.Errorf("a deleted file: %s", out)
	}

	edit("backend/requirements.txt", "fastapi>=0.115", "fastapi>=0.114")
	edit("backend/app/main.py", `"edited"`, `"edited again"`)
	if text := s.fails("sync"); !strings.Contains(text, "backend: a change of requirements.txt takes a new build, nothing was synced") {
		t.Errorf("a changed dependency: %s", text)
	}
	edit("backend/requirements.txt", "fastapi>=0.114", "fastapi>=0.115")

	// A mistake is reported with its traceback, and the next edit mends it.
	edit("backend/app/main.py", `"edited again"}`, `"edited again"`)
	if text := s.fails("sync"); !strings.Contains(text, "backend did not come back") || !strings.Contains(text, "SyntaxError") {
		t.Errorf("a mistake: %s", text)
	}
	edit("backend/app/main.py", `"edited again"`, `"mended"}`)
	s.ok("sync")
	if _, body := s.get("backend", "/health"); !strings.Contains(body, "mended") {
		t.Errorf("after the mistake: %s", body)
	}

	// A file may be called by any bytes.
	if err := os.WriteFile(filepath.Join(dir, "backend/app/caf\xe9.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := s.ok("sync", "--service", "backend", "--restart", "never"); !strings.Contains(out, " added") {
		t.Errorf("a file whose name is no text: %s", out)
	}
	if out := s.ok("sync", "--service", "backend"); out != "backend: nothing has changed\n" {
		t.Errorf("after a file whose name is no text: %s", out)
	}
	for want, flags := range map[string][]string{
		`restart "maybe": want auto, always or never`:                                  {"--restart", "maybe"},
		`timeout "soon": want a duration such as 60s`:                                  {"--timeout", "soon"},
		`service "web" is not part of the stack: want one of postgres, redis, backend`: {"--service", "web"},
		`postgres has nothing of the project that can be changed while it runs`:        {"--service", "postgres"},
	} {
		if text := s.fails(append([]string{"sync"}, flags...)...); !strings.Contains(text, want) {
			t.Errorf("%v: error %q, want %q in it", flags, text, want)
		}
	}
}

// What changed on the host comes into the bind mounts of running services, by the rules of up: a folder of two services, one of
// which has it read-only, and the project's own folder above it.
func TestSyncBinds(t *testing.T) {
	t.Parallel()
	s := composed(t, "shared", "writer:8000", "reader:8000")
	if err := os.Chmod(filepath.Join(s.project, "notes"), 0o777); err != nil { // git keeps no such mode
		t.Fatal(err)
	}
	s.edit("notes/gone", "first")
	s.upAll()
	s.answers("writer", "/write?/notes/made=by%20the%20writer", "written")
	if out := s.ok("sync", "--project-path", s.project); out != "writer: nothing has changed\nreader: nothing has changed\n" {
		t.Errorf("without an edit: %s", out)
	}
	s.edit("notes/note", "edited")
	s.edit("notes/new", "new")
	os.Remove(filepath.Join(s.project, "notes/gone"))
	out := s.ok("sync", "--project-path", s.project, "--restart", "never")
	for _, service := range []string{"writer", "reader"} {
		s.contains("sync", out, service+": notes/note changed; notes/new added; notes/gone deleted")
		for path, want := range map[string]string{
			"/notes/note": "edited", "/project/notes/note": "edited", "/notes/new": "new", "/notes/made": "by the writer", "/project/notes/gone": "No such file or directory",
		} {
			s.answers(service, "/read?"+path, want)
		}
	}
	s.answers("reader", "/write?/project/notes/new=x", "Read-only file system")

	s.edit("notes/one", "1")
	s.contains("a restart", s.ok("sync", "--project-path", s.project), "writer: notes/one added", "writer restarted: pid ", "reader restarted: pid ")
	s.eventually("the writer serves again", func() bool { status, _ := s.get("writer", "/read?/notes/one"); return status == 200 })
	s.eventually("the reader serves again", func() bool { status, _ := s.get("reader", "/read?/notes/one"); return status == 200 })
	s.answers("writer", "/write?/notes/mine=1", "written")
	s.edit("notes/mine", "2")
	s.contains("both", s.ok("sync", "--project-path", s.project), "writer: notes/mine changed in the project and in the stack, which keeps its own")
	s.answers("reader", "/read?/notes/mine", "1")
	s.stops("writer", "reader")
}
