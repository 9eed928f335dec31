package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	// habitBackend answers at port 80 of what a container of Docker's has, and ends gracefully at SIGQUIT alone.
	habitBackend = `import http.server, os, signal, socket, tempfile

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        for folder in "/tmp", os.path.expanduser("~"):
            tempfile.TemporaryFile(dir=folder).close()
        socket.getaddrinfo(socket.gethostname(), 80)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(open("answer", "rb").read())

def stop(*_):
    print("[stack] graceful", flush=True)
    os._exit(0)

signal.signal(signal.SIGQUIT, stop)
os.makedirs("uploads", exist_ok=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 80), Handler).serve_forever()
`
	// habitFrontend is built with its variables and a secret of the build, and asks the backend at localhost, where its development server would find it.
	habitFrontend = `const fs = require("fs")
const built = process.env.VITE_TITLE + " for " + process.env.VITE_API_BASE_URL + " by a token of " + process.env.TOKEN.length
fs.mkdirSync("dist", { recursive: true })
fs.writeFileSync("dist/server.js", ` + "`" + `for (let line = 0; line < 100000; line++) console.log(line)
require("http").createServer(async (_, answer) => {
  const backend = await (await fetch("http://localhost:5000/")).text()
  answer.end(JSON.stringify([${JSON.stringify(built)}, backend, process.constrainedMemory(), process.env.TOKEN ?? "no token"]))
}).listen(process.env.PORT)` + "`" + `)
`
)

// TestHabits: what works on the machine of a project's people and under Docker works here. The files are their owner's alone; the backend's
// image is made for root, of one of
// the stages of a Dockerfile with arguments, listens on port 80 and not on another that it exposes, has a HEALTHCHECK and a STOPSIGNAL, and makes a folder beside its
// source; the frontend is built with its variables, prints much, proxies to
// localhost and reads how much memory it may use.
func TestHabits(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		"backend/Dockerfile": "ARG BASE\nFROM ${BASE} AS dev\nWORKDIR /srv\nCOPY . .\nARG ANSWER\nRUN printf '%s' \"$ANSWER\" > answer\nEXPOSE 80 9229\nSTOPSIGNAL SIGQUIT\n" +
			"HEALTHCHECK CMD [\"python\", \"check.py\"]\nCMD [\"python\", \"-u\", \"main.py\"]\nFROM dev AS prod\nRUN echo not this one && false\n",
		"backend/check.py":        "import urllib.request\nprint('checked', urllib.request.urlopen('http://127.0.0.1/').status)\n",
		"backend/main.py":         habitBackend,
		"frontend/package.json":   `{"scripts": {"build": "node build.js", "start": "node dist/server.js"}}`,
		"frontend/vite.config.js": `export default { server: { proxy: { "/api": "http://localhost:5000" } } }`,
		"frontend/build.js":       habitFrontend,
	})
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-token-of-mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStack(t, "tests/fixtures/plain", "without-service", "--name", "postgres", "without-service", "--name", "redis",
		"with-env", "--service", "frontend", "--name", "VITE_TITLE", "--value", "a title",
		"with-env", "--service", "backend", "--name", "ANSWER", "--value", "the backend",
		"with-build", "--service", "backend", "--target", "dev", "--arg", "BASE=python:3.11-slim",
		"with-secret", "--service", "frontend", "--name", "TOKEN", "--secret", "file://"+token, "--build")
	s.project = dir
	private(t, dir)
	session := s.begin("up", "--project-path", s.project, "up")
	session.untilListens(s.ports["frontend"])
	session.until("the words of up, though a service floods the engine at its start", func() bool { return strings.Contains(session.printed(), "is healthy: keep it running") })
	want := fmt.Sprintf(`["a title for http://localhost:%d by a token of 15","the backend",%d,"no token"]`, s.ports["backend"], 512<<20)
	if _, body := s.get("frontend", "/"); body != want {
		t.Errorf("the frontend says %s, want %s", body, want)
	}
	s.contains("the HEALTHCHECK", s.ok("health", "--service", "backend", "--format", "json"), "checked 200")
	s.contains("a secret for a Dockerfile", s.fails("with-secret", "--service", "backend", "--name", "TOKEN", "--secret", "file://"+token, "--build", "config", "--project-path", dir),
		"service backend: it is built from a Dockerfile, which gets no TOKEN")
	s.contains("an ARG that the Dockerfile has not", s.fails("with-build", "--service", "backend", "--arg", "VERSION=1", "config", "--project-path", dir), "backend/Dockerfile has no ARG VERSION for with-build --arg: want one of BASE or ANSWER")
	s.contains("stop", s.ok("stop"), "backend stopped after ", ": exit code 0")
	s.contains("the end of the backend", s.ok("logs", "--service", "backend"), "\n [stack] graceful")
}

// private makes files and folders their owner's alone, as a checkout with umask 077 does.
func private(t *testing.T, dir string) {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.Chmod(path, info.Mode()&^0o077)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A service that is slow to start has a setting for that, which the error names; what cannot be is refused at once.
func TestWithHealth(t *testing.T) {
	t.Parallel()
	s := plain(t, "without-service", "--name", "postgres", "without-service", "--name", "redis")
	up := []string{"up", "--project-path", s.project}
	slow := func(flags ...string) []string {
		return append(append([]string{"with-service", "--name", "slow", "--like", "backend", "--command", "sleep 3600", "--port", "9000", "with-health", "--service", "slow"}, flags...), up...)
	}
	s.contains("too slow", s.fails(slow("--start-period", "1s", "--interval", "100ms")...), "slow did not become healthy: ", "it had 1s to start; with-health --service slow --start-period 5m gives it longer")
	s.contains("config", s.ok(append([]string{"with-health", "--service", "backend", "--probe", "https:8443/ok", "--retries", "7", "--start-period", "5m"}, "config", "--project-path", s.project)...), "GET https:8443/ok", "retries: 7", "start_period: 5m0s")
	s.ok(append([]string{"with-health", "--service", "backend", "--probe", "command: python -c 'open(\"main.py\")'"}, up...)...)
	for want, flags := range map[string][]string{
		`probe "ftp": want http, https, tcp or grpc`:             {"--service", "backend", "--probe", "ftp"},
		`start period "soon": want a duration such as 90s or 5m`: {"--start-period", "soon"},
		`retries -1: want 1 to 1000`:                             {"--retries", "-1"},
		`service "web" is not part of the stack: want one of`:    {"--service", "web", "--start-period", "5m"},
		`probe "tcp:1": which service? Name it with --service`:   {"--probe", "tcp:1"},
	} {
		s.contains(want, s.fails(append(append([]string{"with-health"}, flags...), up...)...), want)
	}
}
