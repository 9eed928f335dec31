package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagger/stack/internal/freeport"
)

// worker is a service as people write one: it says what it got, and answers on a port.
const worker = `python -u -c 'import http.server, os; print(os.getuid(), os.environ["DATABASE_URL"], os.environ["TOKEN"], os.environ["MODE"], flush=True); http.server.test(http.server.SimpleHTTPRequestHandler, port=int(os.environ["PORT"]))'`

// A service of the user's has all that the built-in ones have.
func TestOwnServices(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-token-of-mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freeport.For(t)
	s := plain(t,
		"without-service", "--name", "redis",
		"with-service", "--name", "worker", "--container", "python:3.11-slim", "--command", worker,
		"--port", fmt.Sprintf("%d:9000", port), "--needs", "postgres", "--needed-by", "backend", "--env", "MODE=one",
		"with-secret", "--service", "worker", "--name", "TOKEN", "--secret", "file://"+token,
		"with-service", "--name", "twin", "--like", "backend", "--command", "python -c 'import os, time; print(os.environ[\"COLOUR\"], flush=True); time.sleep(3600)'",
		"with-env", "--service", "backend", "--name", "COLOUR", "--value", "red, white",
		"with-env", "--service", "worker", "--name", "MODE", "--value", "two")
	session := s.begin("up", "--project-path", s.project, "up")
	session.untilListens(s.ports["backend"]) // there is none of redis

	if status, _ := get(t, port, "/"); status != 200 {
		t.Errorf("the published port of the worker: status %d", status)
	}
	log := s.ok("logs", "--service", "worker")
	for _, want := range []string{"1000 postgresql://postgres:***@postgres:5432/app *** two", "GET /"} {
		if !strings.Contains(log, want) {
			t.Errorf("log of the worker: %q is not in\n%s", want, log)
		}
	}
	if got := s.env("COLOUR"); got != "red, white" {
		t.Errorf("COLOUR of the backend is %q", got)
	}
	if log := s.ok("logs", "--service", "twin"); !strings.Contains(log, "red, white") {
		t.Errorf("what is like the backend has not its variables: %s", log)
	}
	if got := s.env("REDIS_URL"); got != "(unset)" {
		t.Errorf("REDIS_URL without a redis is %q", got)
	}

	var names []string
	for _, service := range s.report().Services {
		names = append(names, service.Service+" "+service.Health)
	}
	if got := strings.Join(names, ", "); got != "postgres healthy, worker healthy, backend healthy, twin healthy" {
		t.Errorf("health: %s", got)
	}
	if out := s.ok("restart", "--service", "worker", "--with-dependents"); !strings.Contains(out, "worker restarted") || !strings.Contains(out, "backend restarted") {
		t.Errorf("restart: %s", out)
	}
}

func get(t *testing.T, port int, path string) (status int, body string) {
	t.Helper()
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestOwnServicesBadInput(t *testing.T) {
	t.Parallel()
	with := func(name string, flags ...string) []string {
		return append([]string{"with-service", "--name", name}, flags...)
	}
	job := func(flags ...string) []string { return append([]string{"with-job", "--name", "seed"}, flags...) }
	like := []string{"--like", "backend", "--command", "true"}
	alpine := []string{"--container", "alpine:3"}
	project := filepath.Join(root, "tests/fixtures/plain")
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"a taken name", with("redis", alpine...), `service "redis" is part of the stack already: choose another name, or take that one out before, with without-service`},
		{"no container", with("x"), "service x: want either --container or --like"},
		{"like a database", with("x", "--like", "postgres", "--command", "a"), `--like "postgres": want backend or frontend`},
		{"like without a command", with("x", "--like", "backend"), "--like backend needs a --command"},
		{"an unknown need", with("x", append(alpine, "--needs", "kafka")...), `service "kafka" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"a circle", with("x", append(alpine, "--needs", "backend", "--needed-by", "backend")...), "services that need each other never start"},
		{"a taken port", with("x", append(alpine, "--port", "5432:80")...), "port 5432 is published by postgres already"},
		{"root", with("x", append(alpine, "--user", "root")...), `user "root": no service runs as root`},
		{"out twice", []string{"without-service", "--name", "redis", "without-service", "--name", "redis"}, `service "redis" is not part of the stack: want one of postgres, backend, frontend`},
		{"out, though needed", append(with("x", append(alpine, "--needs", "redis")...), "without-service", "--name", "redis"),
			"service redis cannot be taken out: x was added with it as --needs"},
		{"a variable of nobody", []string{"with-env", "--service", "web", "--name", "A", "--value", "b"}, `service "web" is not part of the stack`},
		{"the database of postgres", []string{"with-env", "--service", "postgres", "--name", "POSTGRES_DB", "--value", "b"}, `variable POSTGRES_DB cannot be changed here`},
		{"a bad variable", []string{"with-env", "--service", "redis", "--name", "A-B", "--value", "b"}, `variable name "A-B"`},
		{"a need that the project has not", append(with("x", append(alpine, "--needs", "frontend")...), "--command", "sleep 9"),
			"service x needs frontend, which the project does not have: the stack consists of postgres, redis, backend"},
		{"a job of nothing", job("--command", "true"), "service seed: want either --container or --like"},
		{"a job like another", job("--like", "web", "--command", "true"), `service seed: --like "web": want backend or frontend, the services that are made from the project`},
		{"a job without a command", job("--like", "backend", "--command", ""), `service seed: a job needs a --command: want one program and its arguments, such as "python seed.py"`},
		{"a job with a pipe", job("--like", "backend", "--command", "a | b"), `service seed: command "a | b" needs a shell: give one program and its arguments, or wrap it as sh -c '…'`},
		{"a job before a database", job(append(like, "--before", "postgres")...), "service seed: --before postgres: the built-in databases need nothing; want backend, frontend or one of your own"},
		{"a job before another", job(append(like, "--before", "web")...), `service seed: service "web" is not part of the stack: want one of postgres, redis, backend, frontend`},
		{"a job as root", job(append(like, "--user", "root")...), `service seed: user "root": no service runs as root: want another user of the image, or uid[:gid]`},
		{"a job's variable", job(append(like, "--env", "X")...), `service seed: env "X": want NAME=VALUE`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"-m", root, "call", "--backend-command", "python main.py"}, c.args...)
			r := dagger(t, project, append(args, "up", "--project-path", project)...) // what a stack has is known then
			if text := errorText(r.stderr); r.code == 0 || !strings.Contains(text, c.want) {
				t.Errorf("exit code %d, error %q, want %q in it", r.code, text, c.want)
			}
		})
	}
}
