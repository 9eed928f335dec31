package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What an up that fails says: what the agent knows, at once, and of the service whose failure it is.

// described is the stack of a compose file of that text.
func described(t *testing.T, text string) *stack {
	t.Helper()
	s := newStack(t, ".")
	s.project, s.ports = t.TempDir(), map[string]int{"api": s.ports["api"]}
	s.describe(text)
	return s
}

func (s *stack) describe(text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.project, "compose.yaml"), []byte(text), 0o644); err != nil {
		s.Fatal(err)
	}
}

// A client whose login a database refuses, again and again, is not waited for as long as its start may take.
func TestRefusedLogin(t *testing.T) {
	t.Parallel()
	s := described(t, `
services:
  db:
    image: postgres:15-alpine
    environment: {POSTGRES_PASSWORD: right, POSTGRES_DB: shop}
  cache:
    image: redis:7-alpine
    command: redis-server --requirepass right
  web:
    image: postgres:15-alpine
    entrypoint: [sh, -c]
    command: ["until psql -c 'SELECT 1'; do sleep 0.5; done; exec sleep 1h"]
    environment: {PGHOST: db, PGUSER: postgres, PGDATABASE: shop, PGPASSWORD: wrong}
    healthcheck: {test: "false", start_period: 1h}
    depends_on: [db]
  page:
    image: alpine
    command: sleep 1h
    depends_on: {web: {condition: service_healthy}}
  worker:
    image: redis:7-alpine
    entrypoint: [sh, -c]
    command: ["until redis-cli -h cache --no-auth-warning -a wrong PING | grep PONG; do sleep 0.5; done; exec sleep 1h"]
    healthcheck: {test: "false", start_period: 1h}
    depends_on: [cache]
`)
	text := s.fails("up", "--project-path", s.project)
	s.contains("up", text, `page did not become healthy: page was not started: web, which it needs, did not become healthy: `,
		`a service that it needs refuses its login (password authentication failed for user "postgres")`,
		"; the last lines of web:\n", `FATAL:  password authentication failed for user "postgres"`)
	session := s.begin("up", "--project-path", s.project, "--service", "worker", "up")
	session.until("the refusal", func() bool {
		return strings.Contains(session.printed(), "worker did not become healthy") && strings.Contains(session.printed(), "refuses its login (WRONGPASS invalid username-password pair")
	})
}

// The last lines in an error are of this run alone, though the log has those of the runs before.
func TestLastLinesOfThisRun(t *testing.T) {
	t.Parallel()
	web := func(script string) string {
		return "services:\n  web:\n    image: alpine\n    command: [sh, -c, '" + script + "']\n    ports: ['8000:8000']\n"
	}
	s := described(t, web(`echo words of the first run; exec sleep 1h`))
	s.ok("up", "--project-path", s.project)
	s.describe(web(`echo words of the second run; exit 3`))
	r := s.call("up", "--project-path", s.project)
	s.contains("up", r.stderr, "web did not become healthy: it ended: exit code 3; its last lines:\n", "  words of the second run")
	if strings.Contains(r.stderr, "the first run") {
		t.Errorf("up: %s", tail(r.stderr))
	}
	s.contains("logs", s.ok("logs"), "words of the first run", "words of the second run")
}

// A user that the image does not have is named at once, whoever asks for it.
func TestUserThatIsMissing(t *testing.T) {
	t.Parallel()
	const advice = `: the image has no such user in /etc/passwd: name one that is there, or a number such as 1000, or have the Dockerfile add it`
	s := described(t, "services: {web: {image: alpine, user: ghost, command: sleep 1h}}")
	if got, want := s.fails("up", "--project-path", s.project), `web did not become healthy: user "ghost"`+advice; got != want {
		t.Errorf("compose file: %s\nwant %s", got, want)
	}
	s = newStack(t, "tests/fixtures/plain")
	s.project = t.TempDir()
	for name, text := range map[string]string{
		"Dockerfile": "FROM python:3.11-slim\nCOPY main.py .\nUSER nobodyhere\nEXPOSE 8000\nCMD [\"python\", \"main.py\"]\n", "main.py": "",
	} {
		if err := os.WriteFile(filepath.Join(s.project, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := s.fails("up", "--project-path", s.project), `backend did not become healthy: user "nobodyhere"`+advice; got != want {
		t.Errorf("Dockerfile: %s\nwant %s", got, want)
	}
}

// A backend that listens where no other service reaches it is told at once, and not when its start period is over.
func TestListensOnLocalhostAlone(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain", "--backend-command", "python -m http.server --bind 127.0.0.1 8000",
		"without-service", "--name", "postgres", "without-service", "--name", "redis", "with-health", "--service", "backend", "--start-period", "1h")
	s.contains("up", s.fails("up", "--project-path", s.project),
		"backend did not become healthy: the service listens on localhost:8000 alone, where no other service reaches it: make it listen on 0.0.0.0; its last lines:\n")
}

// A folder that is a link to another one of the project is followed.
func TestFolderThatIsALink(t *testing.T) {
	t.Parallel()
	s := plain(t, "without-service", "--name", "postgres", "without-service", "--name", "redis")
	fixture := s.project
	s.project = t.TempDir()
	if err := os.CopyFS(filepath.Join(s.project, "services/api"), os.DirFS(filepath.Join(fixture, "backend"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("services/api", filepath.Join(s.project, "backend")); err != nil {
		t.Fatal(err)
	}
	s.ok("up", "--project-path", s.project)
}

// What fails of a service of several instances is said of it by the name that it has in the file.
func TestErrorsOfInstances(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		`web: build failed: failed to resolve image "docker.io/library/nope:1"`: "services: {web: {image: 'nope:1', scale: 2}}",
		`web: build failed: "/bin/sh -c exit 7" ended with exit code 7`:         "services: {web: {scale: 2, build: {dockerfile_inline: \"FROM alpine\\nRUN exit 7\"}}}",
	} {
		s := described(t, text)
		if got := s.fails("up", "--project-path", s.project); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", want, got)
		}
	}
}
