package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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

// run runs hack/engine/engine.sh.
func (e *engine) run(args ...string) string {
	e.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
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
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	load := command(ctx, s.project, "-m", root, "functions")
	load.Env = append(load.Env, s.environ...)
	if out, err := load.CombinedOutput(); err != nil {
		s.Fatalf("%v\n%s", err, tail(string(out)))
	}
}

// TestStrictEngine is what needs an engine of its own, all on one, since each builds the module anew: it forbids privileged
// containers, is stopped, and is killed.
func TestStrictEngine(t *testing.T) {
	t.Parallel()
	engine := newEngine(t, "strict", "ENGINE_INSECURE=false")
	t.Run("unprivileged", func(t *testing.T) { unprivileged(t, engine) })
	t.Run("ends", func(t *testing.T) { ends(t, engine) })
}

// An engine that was stopped has the data when it is back. One that was killed drops its cache, volumes included: the
// next up says so, and restore brings the last backup back.
func ends(t *testing.T, engine *engine) {
	s := plain(t, "--unprivileged")
	s.on(engine)
	session := s.up()
	w := s.write()
	w.more()
	w.pause()
	session.end()
	engine.run("down")
	engine.run("up")
	session = s.up()
	if strings.Contains(session.printed(), "is new on this engine") {
		t.Errorf("after a clean stop of the engine\n%s", tail(session.printed()))
	}
	w.check()
	backup := filepath.Join(t.TempDir(), "backup.tar")
	s.ok("backup", "export", "--path", backup)
	forget := w.saved()
	w.resume()
	w.more()
	engine.run("kill")
	w.pause()
	session.kill() // the CLI waits for its engine
	engine.run("up")
	s.on(engine)
	session = s.up()
	want := fmt.Sprintf("stack %q is new on this engine and starts without data. If it had some, the engine's cache was lost: bring a backup back with dagger call --name %s restore --from FILE", s.name, s.name)
	session.until(want, func() bool { return strings.Contains(session.printed(), want) })
	if got := s.sql("SELECT count(*)::text FROM pg_tables WHERE tablename = 'acknowledged'"); got != "0" {
		t.Errorf("%s tables after the end of the engine", got)
	}
	s.ok("restore", "--from", backup)
	s.ok("health", "--wait", "60s")
	forget()
	w.locate() // its passwords are new
	w.check()
}
