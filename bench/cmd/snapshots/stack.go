package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"dagger/stack/internal/freeport"
)

const password = "bench"

// stack is the postgres of examples/hello, asked over the HTTP API.
type stack struct {
	name, root string
	limits     []string // before up; none: the default, one core
	port, api  int
	token, url string
	session    *exec.Cmd
}

// output is what a call prints, while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var printedToken = regexp.MustCompile(`\(token ([A-Z2-7]+)\)`)

func startStack(ctx context.Context, root, name string, limits ...string) (*stack, error) {
	s := &stack{name: name, root: root, limits: limits}
	var err error
	if s.port, err = freeport.Take(); err != nil {
		return nil, err
	}
	if s.api, err = freeport.Take(); err != nil {
		return nil, err
	}
	s.url = fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/app?sslmode=disable", password, s.port)
	s.session = s.call(ctx, append(limits, "up", "--service", "postgres", "--project-path", "examples/hello", "up")...)
	var said output
	s.session.Stdout, s.session.Stderr = &said, &said
	if err := s.session.Start(); err != nil {
		return nil, err
	}
	const bound = 10 * time.Minute
	for end := time.Now().Add(bound); ; time.Sleep(100 * time.Millisecond) {
		if match := printedToken.FindStringSubmatch(said.String()); match != nil && execute(ctx, s.url, "SELECT 1") == nil {
			s.token = match[1]
			return s, nil
		}
		if time.Now().After(end) || ctx.Err() != nil {
			s.end()
			return nil, fmt.Errorf("not published after %s:\n%s", bound, said.String())
		}
	}
}

func (s *stack) call(ctx context.Context, args ...string) *exec.Cmd {
	args = append([]string{
		"--progress=plain", "-m", s.root, "call", "--name", s.name, "--ephemeral", "--db-password", "env://BENCH_PASSWORD",
		"--postgres-port", strconv.Itoa(s.port), "--api-port", strconv.Itoa(s.api),
	}, args...)
	cmd := exec.CommandContext(ctx, "dagger", args...)
	cmd.Dir, cmd.Env = s.root, append(os.Environ(), "BENCH_PASSWORD="+password, "DAGGER_NO_NAG=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

func (s *stack) end() {
	_ = s.session.Process.Signal(os.Interrupt)
	_ = s.session.Wait()
}

func (s *stack) Name() string { return strings.Join(append([]string{"stack"}, s.limits...), " ") }
func (s *stack) URL() string  { return s.url }

func (s *stack) Snapshot(ctx context.Context) error { return s.post(ctx, "snapshots/bench", nil) }
func (s *stack) Rollback(ctx context.Context) error {
	return s.post(ctx, "snapshots/bench/rollback", nil)
}

func (s *stack) clones(ctx context.Context, count int) (addresses []string, err error) {
	var made struct{ Clones []struct{ HostURL string } }
	err = s.post(ctx, fmt.Sprintf("snapshots/bench/clones?count=%d", count), &made)
	for _, clone := range made.Clones {
		addresses = append(addresses, clone.HostURL)
	}
	return addresses, err
}

func (s *stack) post(ctx context.Context, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/api/v1/projects/%s/%s", s.api, s.name, path), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %w\n%s", filepath.Base(path), response.Status, err, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// byCLI is the same stack, asked by calls.
type byCLI struct{ *stack }

func (s byCLI) Name() string { return "stack, `dagger call`" }

func (s byCLI) Snapshot(ctx context.Context) error { return s.do(ctx, "snapshot") }
func (s byCLI) Rollback(ctx context.Context) error { return s.do(ctx, "rollback") }

func (s byCLI) do(ctx context.Context, verb string) error {
	if out, err := s.call(ctx, verb, "--name", "bench").CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", verb, err, out)
	}
	return nil
}
