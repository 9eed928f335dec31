package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dagger/stack/internal/freeport"
)

// Stacks of projects with a compose file.

// composed is the stack of a copy of a project in tests/fixtures/compose.
func composed(t *testing.T, project string, published ...string) *stack {
	t.Helper()
	return composedOf(t, "tests/fixtures/compose/"+project, published...)
}

// composedOf is the stack of a copy of a project. Each of published is SERVICE:PORT, which is published under a number that no other
// test has, whatever the file says.
func composedOf(t *testing.T, project string, published ...string) *stack {
	t.Helper()
	s := newStack(t, project)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	s.project, s.ports = dir, map[string]int{"api": s.ports["api"]}
	for _, port := range published {
		service, _, _ := strings.Cut(port, ":")
		s.ports[service] = freeport.For(t)
		s.flags = append(s.flags, "--publish", fmt.Sprintf("%s=%d", port, s.ports[service]))
	}
	return s
}

// upAll starts the stack and waits until every published port is listened on.
func (s *stack) upAll() *session {
	s.Helper()
	session := s.begin("up", "--project-path", s.project, "up")
	for _, port := range s.ports {
		session.untilListens(port)
	}
	// The CLI shows what a function prints a moment later than it publishes.
	session.until("up says where the logs are", func() bool { return strings.Contains(session.printed(), "logs       dagger call --name "+s.name) })
	return session
}

// killed is kill -9 of the CLI that runs the stack, up to the end of all that it has started.
func (s *session) killed(services ...string) {
	s.Helper()
	for _, service := range services {
		s.running(service)
	}
	s.kill()
	s.untilGone(services...)
}

// checked is what config --check prints.
func (s *stack) checked() string {
	s.Helper()
	return s.ok("config", "--project-path", s.project, "--check")
}

// contains reports each wanted text that is not in a text.
func (s *stack) contains(what, text string, wanted ...string) {
	s.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			s.Errorf("%s: %q is not in\n%s", what, want, tail(text))
		}
	}
}

// answers wants a service's answer to be a text.
func (s *stack) answers(service, path, want string) {
	s.Helper()
	if _, body := s.get(service, path); strings.TrimSpace(body) != want {
		s.Errorf("%s%s: %q, want %q", service, path, body, want)
	}
}

// states is each service with its health and what became of its process, in the order of health.
func (s *stack) states() string {
	s.Helper()
	var states []string
	for _, service := range s.report().Services {
		states = append(states, service.Service+" "+service.Health+" "+service.Phase)
	}
	return strings.Join(states, ", ")
}

// number is a service's answer, which must be one.
func (s *stack) number(service, path string) int {
	s.Helper()
	_, body := s.get(service, path)
	n, err := strconv.Atoi(strings.TrimSpace(body))
	if err != nil {
		s.Fatalf("%s%s: %v", service, path, err)
	}
	return n
}

// edit replaces a file of the project on the host.
func (s *stack) edit(name, text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.project, name), []byte(text), 0o644); err != nil {
		s.Fatal(err)
	}
}

// stops ends the stack from another terminal, and wants each of the services to be told of.
func (s *stack) stops(services ...string) {
	s.Helper()
	text := s.ok("stop")
	for _, service := range services {
		s.contains("stop", text, service+" stopped after")
	}
}
