package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTrackedThoughIgnored: what git tracks is there, as in every clone, whatever .gitignore says of it.
func TestTrackedThoughIgnored(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain")
	s.project = project(t, map[string]string{
		".gitignore": "shop\n", "go.mod": "module example.com/shop\n\ngo 1.26\n", "cmd/shop/main.go": "package main\n\nfunc main() {}\n",
	})
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir = s.project
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	git("init", "--quiet")
	git("add", "--all")
	const none = "no program for the backend in the root of the project"
	s.contains("not tracked", s.fails("config", "--project-path", s.project), none)
	git("add", "--force", "cmd")
	for name, args := range map[string][]string{"a folder by its name": {"--project-path", s.project}, "the folder of the caller": nil} {
		s.contains(name, s.ok(append([]string{"config"}, args...)...), "/opt/bin/shop")
	}
	// An index without a checksum, as git writes it for large repositories, cannot be read here: it is as if there were none.
	index := filepath.Join(s.project, ".git/index")
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	clear(text[len(text)-20:]) // git's index.skipHash
	if err := os.WriteFile(index, text, 0o644); err != nil {
		t.Fatal(err)
	}
	r := s.call("config", "--project-path", s.project)
	if r.code == 0 {
		t.Errorf("an index that cannot be read: %s", r.stdout)
	}
	s.contains("an index that cannot be read", errorText(r.stderr), none)
	s.contains("an index that cannot be read", r.stderr, "note: what git tracks though .gitignore names it is left out: cannot read .git/index: invalid checksum")
}

// TestReadOnlyProject: package managers write beside what they read, also where nobody may write on the host.
func TestReadOnlyProject(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain")
	s.project = project(t, map[string]string{
		"backend/package.json": `{"scripts":{"start":"node server.js"},"dependencies":{"is-number":"7"}}`,
		"backend/server.js":    "require('is-number'); require('http').createServer((q, a) => a.end()).listen(process.env.PORT)",
	})
	folder := filepath.Join(s.project, "backend")
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(folder, 0o755) })
	s.ok("without-service", "--name", "postgres", "without-service", "--name", "redis", "up", "--project-path", s.project)
}

// project is a folder with these files.
func project(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestFaultsAtOnce: all that keeps a project from starting is in one error, before anything is built.
func TestFaultsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain")
	s.project = project(t, map[string]string{
		"backend/requirements.txt": "fastapi\nuvicorn\n",
		"backend/main.py":          "import os\nfrom fastapi import FastAPI\n\napp = FastAPI()\nkeys = os.environ[\"STRIPE_KEY\"], os.environ[\"MAIL_KEY\"], os.environ[\"GIVEN\"]\n",
		"backend/.python-version":  "2.7\n",
		"frontend/package.json":    `{"dependencies":{}}`,
	})
	r := s.call("with-env", "--service", "backend", "--name", "GIVEN", "--value", "x", "up", "--project-path", s.project)
	if r.code == 0 {
		t.Fatal(r.stdout)
	}
	s.contains("up", errorText(r.stderr), `backend/.python-version asks for Python "2.7"`, `cannot tell how the frontend in "frontend" is started`, "--env STRIPE_KEY=…", "--env MAIL_KEY=…")
	if strings.Contains(errorText(r.stderr), "GIVEN") {
		t.Errorf("what is given is missing: %s", errorText(r.stderr))
	}
	for _, step := range []string{"pip install", "npm install", "postgres:15-alpine"} {
		if strings.Contains(r.stderr, step) {
			t.Errorf("%q before the error:\n%s", step, tail(r.stderr))
		}
	}
}
