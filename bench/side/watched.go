package side

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/outside"
)

// Watched is a project that both sides watch: a backend that answers what a file of its says, a frontend of Vite, and many files more.
// Each side has a copy, so that an edit is one side's alone.
type Watched struct {
	Compose *Compose
	Stack   *Stack
}

// The files that are edited, and what they say.
const (
	watchedBackend  = "backend/answer.txt"
	watchedFrontend = "frontend/src/answer.js"
)

const watchedServer = `import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = open("answer.txt", "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
`

// NewWatched writes a project of that many files, twice. The images of docker compose are built by who calls.
func NewWatched(daemon *Daemon, root string, files int) (*Watched, error) {
	w := &Watched{Compose: NewCompose(daemon, ""), Stack: NewStack(root, "")}
	w.Compose.ports, w.Stack.ports = portsFrom(17450), portsFrom(17460)
	for _, s := range []struct {
		name    string
		project *string
		ports   Ports
		built   func(service string) string
	}{
		{"compose", &w.Compose.file, w.Compose.ports, func(service string) string { return "image: " + WatchedImage(service) }},
		{"stack", &w.Stack.project, w.Stack.ports, func(service string) string { return "build: ./" + service }},
	} {
		dir := filepath.Join(daemon.dir, fmt.Sprintf("watched-%d-%s", files, s.name))
		if err := writeWatched(root, dir, files, watchedFile(s.ports, s.built)); err != nil {
			return nil, err
		}
		*s.project = dir
	}
	w.Compose.file = filepath.Join(w.Compose.file, "compose.yaml")
	w.Stack.flags = []string{"--api-port", strconv.Itoa(w.Stack.ports.API)}
	for targets, ports := range map[*[]outside.Target]Ports{&w.Compose.targets: w.Compose.ports, &w.Stack.targets: w.Stack.ports} {
		*targets = []outside.Target{outside.HTTP("backend", ports.Backend, "/"), outside.HTTP("frontend", ports.Frontend, "/")}
	}
	return w, nil
}

// WatchedImage is what docker compose's image of a service is called.
func WatchedImage(service string) string { return "stack-bench-watched-" + service }

// Build builds the images of docker compose.
func (w *Watched) Build(ctx context.Context) error {
	for _, service := range []string{"backend", "frontend"} {
		dir := filepath.Join(filepath.Dir(w.Compose.file), service)
		if err := w.Compose.Daemon.Build(ctx, WatchedImage(service), filepath.Join(dir, "Dockerfile"), dir); err != nil {
			return err
		}
	}
	return nil
}

func watchedFile(ports Ports, built func(service string) string) string {
	return fmt.Sprintf(`services:
  backend:
    %s
    init: true
    ports: ["127.0.0.1:%d:8000"]
    develop: {watch: [{action: sync, path: ./backend, target: /app}]}
  frontend:
    %s
    init: true
    ports: ["127.0.0.1:%d:3000"]
    develop: {watch: [{action: sync, path: ./frontend, target: /app, ignore: [node_modules/]}]}
`, built("backend"), ports.Backend, built("frontend"), ports.Frontend)
}

// writeWatched writes the project anew: a frontend of the example, a small backend, and files beside them up to that number.
func writeWatched(root, dir string, files int, compose string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	hello := filepath.Join(root, "examples/hello/frontend")
	if err := os.CopyFS(filepath.Join(dir, "frontend"), os.DirFS(hello)); err != nil {
		return err
	}
	dockerfile, err := os.ReadFile(filepath.Join(root, "bench/compose/frontend.Dockerfile"))
	if err != nil {
		return err
	}
	all := map[string]string{
		"compose.yaml": compose, "frontend/Dockerfile": string(dockerfile), "backend/serve.py": watchedServer,
		"backend/Dockerfile": "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN chown -R 1000:1000 .\nUSER 1000:1000\nCMD [\"python\", \"serve.py\"]\n",
		watchedBackend:       "first", watchedFrontend: watchedModule("first"),
	}
	for i := len(all); i < files; i++ {
		all[fmt.Sprintf("%s/more/d%d/f%d.txt", []string{"backend", "frontend"}[i%2], i/100, i)] = strings.Repeat(fmt.Sprintf("line %d\n", i), 40)
	}
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func watchedModule(says string) string {
	return fmt.Sprintf("export const answer = %q;\nif (import.meta.hot) import.meta.hot.accept();\n", says)
}

// Watcher is a side that watches its copy.
type Watcher struct {
	dir   string
	ports Ports
	call  *started
}

// WatchCompose begins `docker compose watch`.
func (w *Watched) WatchCompose(ctx context.Context) (*Watcher, error) {
	call, err := w.Compose.compose().start(ctx, "watch", "--no-up")
	if err != nil {
		return nil, err
	}
	return begun(ctx, &Watcher{filepath.Dir(w.Compose.file), w.Compose.ports, call}, "Watch enabled")
}

// WatchStack begins `dagger call watch`.
func (w *Watched) WatchStack(ctx context.Context) (*Watcher, error) {
	call, err := w.Stack.call().start(ctx, "watch")
	if err != nil {
		return nil, err
	}
	return begun(ctx, &Watcher{w.Stack.project, w.Stack.ports, call}, "watching . for stack")
}

func begun(ctx context.Context, w *Watcher, says string) (*Watcher, error) {
	for !strings.Contains(w.call.said(), says) {
		select {
		case <-w.call.done:
			return nil, fmt.Errorf("watch has ended: %w\n%s", w.call.err, w.call.said())
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return w, nil
}

// End interrupts it.
func (w *Watcher) End() {
	_ = w.call.cmd.Process.Signal(os.Interrupt)
	<-w.call.done
}

// PID is the process of the call.
func (w *Watcher) PID() int { return w.call.cmd.Process.Pid }

// SaveBackend saves the backend's answer, and waits until the backend gives it.
func (w *Watcher) SaveBackend(ctx context.Context, says string) (time.Duration, error) {
	return w.saved(watchedBackend, says, func() error { return outside.SaysAt(ctx, w.ports.Backend, "/", says) })
}

// SaveFrontend saves a module of the frontend, and waits until Vite has told the browser of it and serves it.
func (w *Watcher) SaveFrontend(ctx context.Context, says string) (time.Duration, error) {
	const module = "/src/answer.js"
	hot, err := outside.NewHotModule(ctx, w.ports.Frontend, module)
	if err != nil {
		return 0, err
	}
	defer hot.Close()
	return w.saved(watchedFrontend, watchedModule(says), func() error {
		if err := hot.Updated(ctx); err != nil {
			return err
		}
		return outside.SaysAt(ctx, w.ports.Frontend, module, says)
	})
}

func (w *Watcher) saved(name, text string, served func() error) (time.Duration, error) {
	begun := time.Now()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		return 0, err
	}
	if err := served(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", name, err, w.call.said())
	}
	return time.Since(begun), nil
}
