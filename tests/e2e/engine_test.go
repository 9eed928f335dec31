package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runEngine runs hack/engine/engine.sh for an engine of the test's own, which it may stop and kill.
func (s *stack) runEngine(verb ...string) {
	s.Helper()
	cmd := exec.Command(filepath.Join(root, "hack/engine/engine.sh"), verb...)
	cmd.Env = append(os.Environ(), "ENGINE_INSTANCE="+s.engine)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("engine.sh %v: %v\n%s", verb, err, out)
	}
}

// An engine that was stopped has the data when it is back. One that was killed drops its cache, volumes included: the
// next up says so, and restore brings the last backup back.
func TestEngineEnds(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.engine = "faults"
	s.runEngine("down", "--wipe") // of a run that was killed
	t.Cleanup(func() { s.runEngine("down", "--wipe") })
	s.runEngine("up")
	session := s.up()
	w := s.write()
	w.more()
	w.pause()
	session.end()
	s.runEngine("down")
	s.runEngine("up")
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
	s.runEngine("kill")
	w.pause()
	session.end()
	s.runEngine("up")
	session = s.up()
	if want := fmt.Sprintf("stack %q is new on this engine and starts without data. If it had some, the engine's cache was lost: bring a backup back with dagger call --name %s restore --from FILE", s.name, s.name); !strings.Contains(session.printed(), want) {
		t.Errorf("after the end of the engine the next up does not say %q\n%s", want, tail(session.printed()))
	}
	if got := s.sql("SELECT count(*)::text FROM pg_tables WHERE tablename = 'acknowledged'"); got != "0" {
		t.Errorf("%s tables after the end of the engine", got)
	}
	s.ok("restore", "--from", backup)
	s.ok("health", "--wait", "60s")
	forget()
	w.check()
}
