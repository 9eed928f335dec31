package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTrackedThoughIgnored: what git tracks is there, as in every clone, whatever .gitignore says of it.
func TestTrackedThoughIgnored(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain")
	s.project = t.TempDir()
	for name, text := range map[string]string{
		".gitignore": "shop\n", "go.mod": "module example.com/shop\n\ngo 1.26\n", "cmd/shop/main.go": "package main\n\nfunc main() {}\n",
	} {
		path := filepath.Join(s.project, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
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
}
