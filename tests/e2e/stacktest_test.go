package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The packages that start stacks from Go, pytest and vitest, by their own tests, each of which is an example, too. One of pytest's has a
// stack used by an agent.
func TestStacktest(t *testing.T) {
	t.Parallel()
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		inFolder(t, filepath.Join(root, "stacktest"), "go", "test", "-count=1", "./...")
	})
	t.Run("pytest", func(t *testing.T) {
		t.Parallel()
		python, agent := python(t, "dagger-io==0.21.8", "pytest"), python(t, "mcp==2.3.0")
		inFolder(t, filepath.Join(root, "stacktest/pytest"), "env", "AGENT="+agent,
			python, "-B", "-m", "pytest", "-p", "stacktest", "-p", "no:cacheprovider", "-q", ".", "../../tests/agents")
	})
	t.Run("vitest", func(t *testing.T) {
		t.Parallel()
		copied := t.TempDir() // packages are installed beside the tests
		if err := os.CopyFS(copied, os.DirFS(filepath.Join(root, "stacktest/vitest"))); err != nil {
			t.Fatal(err)
		}
		inFolder(t, copied, "npm", "ci", "--no-audit", "--no-fund", "--silent")
		inFolder(t, copied, "npm", "test", "--silent")
	})
}

// python is one that has some packages.
func python(t *testing.T, packages ...string) string {
	t.Helper()
	dir := t.TempDir()
	inFolder(t, dir, "python3", "-m", "venv", ".")
	if len(packages) > 0 {
		inFolder(t, dir, append([]string{"bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, packages...)...)
	}
	return filepath.Join(dir, "bin/python")
}

func inFolder(t *testing.T, dir string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "STACK="+root, "PYTHONPATH=.")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, tail(string(out)))
	}
}
