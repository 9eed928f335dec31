package e2e

import (
	"strings"
	"testing"
)

// unprivileged is a stack's life on an engine that forbids privileged containers.
func unprivileged(t *testing.T, engine *engine) {
	s := locked(t)
	s.on(engine)

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
