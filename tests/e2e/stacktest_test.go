package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The packages that start stacks from Go, pytest and vitest, by their own tests, each of which is an example, too.
func TestStacktest(t *testing.T) {
	t.Parallel()
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		inStacktest(t, ".", "go", "test", "-count=1", "./...")
	})
	t.Run("pytest", func(t *testing.T) {
		t.Parallel()
		venv := t.TempDir()
		python := filepath.Join(venv, "bin/python")
		inStacktest(t, "pytest", "python3", "-m", "venv", venv)
		inStacktest(t, "pytest", python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "dagger-io==0.21.8", "pytest")
		inStacktest(t, "pytest", python, "-B", "-m", "pytest", "-p", "stacktest", "-p", "no:cacheprovider", "-q")
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

func inStacktest(t *testing.T, folder string, args ...string) {
	t.Helper()
	inFolder(t, filepath.Join(root, "stacktest", folder), args...)
}

func inFolder(t *testing.T, dir string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "STACK="+root, "PYTHONPATH=.")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, tail(string(out)))
	}
}
