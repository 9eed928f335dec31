package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpBootsAndEnds(t *testing.T) {
	t.Parallel()
	s := plain(t)
	r := s.call("up", "--project-path", s.project)
	if r.code != 0 {
		t.Fatal(tail(r.stderr))
	}
	for _, want := range []string{
		"no frontend found", "SERVICE", "postgres  healthy", "redis     healthy", "backend   healthy",
		fmt.Sprint(s.ports["backend"]), "is healthy", "second `up`",
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%q is not in the output\n%s", want, tail(r.stderr))
		}
	}
	if text := s.fails("health"); !strings.Contains(text, "is not running") {
		t.Errorf("after the call: %s", text)
	}
}

// Without --project-path the project is the folder that the caller is in.
func TestUpOfTheCurrentFolder(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.ok("up")
	s.project = t.TempDir()
	if text := s.fails("up"); !strings.Contains(text, "empty") {
		t.Errorf("in an empty folder: %s", text)
	}
}

// The command dagger up, in a module that has this one as a toolchain.
func TestDaggerUp(t *testing.T) {
	t.Parallel()
	s := &stack{TB: t, T: t, project: filepath.Join(root, "tests/fixtures/toolchain"), bare: true, ports: map[string]int{"backend": 23000}}
	if r := dagger(t, s.project, "up", "-l"); r.code != 0 || !strings.Contains(r.stdout, "stack:up") {
		t.Fatalf("up -l: exit code %d: %s\n%s", r.code, r.stdout, tail(r.stderr))
	}
	s.start(command(context.Background(), s.project, "up")).untilListens(s.ports["backend"])
	if status, _ := s.get("backend", "/health"); status != 200 {
		t.Errorf("health: %d", status)
	}
}

func TestEnvironmentOfTheServices(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	database := s.env("DATABASE_URL")
	if !strings.HasPrefix(database, "postgresql://postgres:") || !strings.HasSuffix(database, "@postgres:5432/app") {
		t.Errorf("DATABASE_URL %q", database)
	}
	redis := s.env("REDIS_URL")
	if !strings.HasPrefix(redis, "redis://:") || !strings.HasSuffix(redis, "@redis:6379/0") {
		t.Errorf("REDIS_URL %q", redis)
	}
	if key := s.env("SECRET_KEY"); len(key) < 20 {
		t.Errorf("SECRET_KEY %q", key)
	}
	for name, want := range map[string]string{
		"PROJECT_NAME": s.name, "PORT": "8000", "BACKEND_URL": fmt.Sprintf("http://localhost:%d", s.ports["backend"]),
		"DAGGER_SESSION_TOKEN": "(unset)", "DAGGER_SESSION_PORT": "(unset)", "POSTGRES_PASSWORD": "(unset)",
	} {
		if got := s.env(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A second up of the same name is refused, and says what to do; one of another name is not.
func TestSecondUp(t *testing.T) {
	t.Parallel()
	s := plain(t)
	first := s.up()
	if text := s.fails("up"); !strings.Contains(text, fmt.Sprintf("stack %q is already running", s.name)) || !strings.Contains(text, "--name") {
		t.Errorf("a second up: %s", text)
	}
	if status, _ := s.get("backend", "/health"); status != 200 {
		t.Errorf("the first is hurt: status %d", status)
	}
	plain(t).ok("up")
	first.end()
	s.ok("up")
}

func TestBackendThatExits(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain", "--backend-command", `sh -c "echo the last words; exit 3"`)
	text := s.fails("up")
	for _, want := range []string{"backend did not become healthy", "exit code 3", "the last words"} {
		if !strings.Contains(text, want) {
			t.Errorf("error %q, want %q in it", text, want)
		}
	}
}

func TestDockerfileThatFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "backend"), 0o755)
	os.WriteFile(filepath.Join(dir, "backend", "Dockerfile"), []byte("FROM alpine:3\nRUN echo about to fail && exit 7\nCMD [\"sleep\", \"60\"]\n"), 0o644)
	s := newStack(t, "tests/fixtures/plain")
	s.project = dir
	text := s.fails("up")
	for _, want := range []string{"backend: build failed", "about to fail", "7"} {
		if !strings.Contains(text, want) {
			t.Errorf("error %q, want %q in it", text, want)
		}
	}
}
