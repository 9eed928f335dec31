package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Engines beside the one that the tests run on.

// engine is one beside the others, which a test may configure, stop and kill.
type engine struct {
	testing.TB
	environ []string
}

// newEngine is an engine that holds nothing yet, and that goes with the test. It is one of hack/engine, whichever the others run on.
func newEngine(t testing.TB, name string, settings ...string) *engine {
	t.Helper()
	e := &engine{t, append(settings, "ENGINE_INSTANCE="+name)}
	e.run("down", "--wipe") // of a run that was killed
	t.Cleanup(func() { e.run("down", "--wipe") })
	e.run("up")
	return e
}

// engineHome is where the engines of hack/engine live.
func engineHome(t testing.TB) string {
	t.Helper()
	if home := os.Getenv("ENGINE_HOME"); home != "" {
		return home
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "local-dagger")
}

// run runs hack/engine/engine.sh.
func (e *engine) run(args ...string) string {
	e.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*waitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(root, "hack/engine/engine.sh"), args...)
	cmd.Env = append(os.Environ(), e.environ...)
	out, err := cmd.Output()
	if err != nil {
		e.Fatalf("engine.sh %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// on has the stack's calls made on that engine, and the module built there, which takes longer than any call may.
func (s *stack) on(e *engine) {
	s.Helper()
	for line := range strings.Lines(e.run("env")) {
		if _, host, found := strings.Cut(line, "_EXPERIMENTAL_DAGGER_RUNNER_HOST="); found {
			s.environ = []string{"_EXPERIMENTAL_DAGGER_RUNNER_HOST=" + strings.TrimSpace(host)}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*waitTimeout)
	defer cancel()
	load := command(ctx, s.project, "-m", root, "functions")
	load.Env = append(load.Env, s.environ...)
	if out, err := load.CombinedOutput(); err != nil {
		s.Fatalf("%v\n%s", err, tail(string(out)))
	}
}
