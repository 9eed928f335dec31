package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// strictEngine is an engine beside the others that forbids privileged containers. It is new, so that nothing is served
// from a cache that was filled when it did not, and it goes with the test. Only an engine of hack/engine can be made so.
func strictEngine(t *testing.T) (env []string) {
	t.Helper()
	if stateFolder() == "" {
		t.Skip("not tested: the engine is not one of hack/engine, and cannot be told to forbid privileged containers")
	}
	script := filepath.Join(root, "hack/engine/engine.sh")
	run := func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, script, args...)
		cmd.Env = append(os.Environ(), "ENGINE_INSTANCE=strict", "ENGINE_INSECURE=false")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("engine.sh %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("down", "--wipe")
	t.Cleanup(func() { run("down", "--wipe") })
	run("up")
	for line := range strings.Lines(run("env")) {
		if _, host, found := strings.Cut(line, "_EXPERIMENTAL_DAGGER_RUNNER_HOST="); found {
			return []string{"_EXPERIMENTAL_DAGGER_RUNNER_HOST=" + strings.TrimSpace(host)}
		}
	}
	t.Fatal("the engine has no address")
	return nil
}

// TestUnprivileged is a stack's life on an engine that forbids privileged containers.
func TestUnprivileged(t *testing.T) {
	s := locked(t)
	s.environ = strictEngine(t)
	// The engine is empty: the module is built first, which takes longer than any call may.
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	load := command(ctx, s.project, "-m", root, "functions")
	load.Env = append(load.Env, s.environ...)
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, tail(string(out)))
	}

	text := s.fails("up", "--project-path", s.project)
	for _, want := range []string{"cannot be started: this engine forbids insecureRootCapabilities", "dagger call --unprivileged"} {
		if !strings.Contains(text, want) {
			t.Errorf("without the flag: error %q, want %q in it", text, want)
		}
	}

	s.flags = append(s.flags, "--unprivileged")
	session := s.up()
	s.confined()
	s.agentIsReduced()
	s.escapes()
	s.sourceIsReadOnly()
	made := s.lockedEnv()["SECRET_KEY"]
	if len(made) < 20 {
		t.Errorf("SECRET_KEY is %q", made)
	}
	s.get("backend", "/print?text=the+key+is+"+made)
	session.until("the line is in the log", func() bool { return strings.Contains(s.ok("logs", "--service", "backend"), "the key is ***") })
	if found := holds(session.printed()+s.ok("health", "--format", "json"), []string{made}); len(found) > 0 {
		t.Errorf("health or the output of up hold %q", found)
	}
	s.redis("SET", "k", "v")
	for _, service := range services {
		if text := s.ok("restart", "--service", service); !strings.Contains(text, service) {
			t.Errorf("restart of %s: %s", service, text)
		}
	}
	if got := s.redis("GET", "k"); got != "v" {
		t.Errorf("redis has %q after its restart", got)
	}
	s.confined()
	s.ok("health", "--wait", "30s")
}
