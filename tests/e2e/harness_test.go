// Package e2e calls the module as its users do: through the dagger CLI, on a real engine. `make test` runs it; by hand,
// from the repository's root:
//
//	hack/engine/with go -C tests test ./e2e
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/freeport"
)

// waitTimeout bounds every wait. No test claims how long a thing takes.
const waitTimeout = 6 * time.Minute

var root = func() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}()

// TestMain fails the run where there is no engine: a test that was not run is not green.
func TestMain(m *testing.M) {
	out, err := exec.Command("dagger", "--progress=plain", "core", "version").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "no Dagger engine answers: run this with hack/engine/with\n%s", out)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// result is what a call printed and its exit code.
type result struct {
	stdout, stderr string
	code           int
}

// command is a dagger command in a folder, with plain output.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "dagger", append([]string{"--progress=plain"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "DAGGER_NO_NAG=1", "DO_NOT_TRACK=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

// dagger runs a command to its end.
func dagger(t testing.TB, dir string, args ...string) result {
	t.Helper()
	return daggerOn(t, nil, dir, args...)
}

// daggerOn does the same with more in its environment, such as another engine.
func daggerOn(t testing.TB, environ []string, dir string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	cmd := command(ctx, dir, args...)
	cmd.Env = append(cmd.Env, environ...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s: no end within %s\n%s", strings.Join(cmd.Args, " "), waitTimeout, tail(stderr.String()))
	}
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// stack is one stack of its own for a test: a name and ports that no other has.
type stack struct {
	testing.TB
	T       *testing.T // nil in a benchmark
	name    string
	project string
	ports   map[string]int
	flags   []string // of the constructor, beside name and ports
	bare    bool     // a call has no flags but its own
	// sessions are the calls that were begun, for what a test says when it fails.
	sessions []*session
	environ  []string // of the CLI, beside the test's own: another engine, a collector
}

// services are those of a stack that has all.
var services = []string{"postgres", "redis", "backend", "frontend"}

// published are the names of the ports: those of the services, and the API's.
var published = append(slices.Clone(services), "api")

func newStack(t testing.TB, project string, flags ...string) *stack {
	test, _ := t.(*testing.T)
	s := &stack{TB: t, T: test, project: filepath.Join(root, project), ports: map[string]int{}, flags: flags}
	s.name = strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(t.Name()), "-"), "-")
	if len(s.name) > 24 {
		s.name = s.name[:24]
	}
	s.name = fmt.Sprintf("%s-%x", s.name, time.Now().UnixNano()%0xfffff)
	for _, name := range published {
		s.ports[name] = freeport.For(t)
	}
	return s
}

// plain is the stack of the smallest backend.
func plain(t testing.TB, flags ...string) *stack {
	return newStack(t, "tests/fixtures/plain", append([]string{"--backend-command", "python main.py"}, flags...)...)
}

// args are those of a call of the stack's functions.
func (s *stack) args(call ...string) []string {
	if s.bare {
		return append([]string{"-m", root, "call"}, call...)
	}
	args := []string{"-m", root, "call", "--name", s.name}
	for _, name := range published {
		if port, known := s.ports[name]; known { // a compose file's services have others
			args = append(args, fmt.Sprintf("--%s-port=%d", name, port))
		}
	}
	return append(append(args, s.flags...), call...)
}

func (s *stack) call(call ...string) result {
	s.Helper()
	return daggerOn(s.TB, s.environ, s.project, s.args(call...)...)
}

// ok is the output of a call that must succeed.
func (s *stack) ok(call ...string) string {
	s.Helper()
	r := s.call(call...)
	if r.code != 0 {
		s.Fatalf("dagger call %s: exit code %d\n%s", strings.Join(call, " "), r.code, tail(r.stderr))
	}
	return r.stdout
}

// fails is the error of a call that must fail.
func (s *stack) fails(call ...string) string {
	s.Helper()
	r := s.call(call...)
	if r.code == 0 {
		s.Fatalf("dagger call %s: succeeded and printed %q", strings.Join(call, " "), r.stdout)
	}
	return errorText(r.stderr)
}

var trace = regexp.MustCompile(` \[traceparent:[0-9a-f-]+\]`)

// errorText is the error that the CLI printed last, as a user reads it.
func errorText(stderr string) string {
	i := strings.LastIndex(stderr, "\nError: ")
	if i < 0 {
		return stderr
	}
	return strings.TrimSpace(trace.ReplaceAllString(stderr[i+len("\nError: "):], ""))
}

func tail(text string) string {
	const most = 6000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}
