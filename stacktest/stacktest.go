// Package stacktest starts a project's stack for a Go test: its databases, its backend, or all of it, with ports of their own, for as
// long as the test runs.
//
//	func TestOrders(t *testing.T) {
//		stack := stacktest.Up(t, stacktest.Options{Project: "..", Services: []string{"postgres"}})
//		db, err := sql.Open("pgx", stack.URL(t, "postgres"))
//		…
//	}
//
// It needs the dagger CLI on the PATH, and an engine, as the CLI finds it. Tests may run in parallel: each stack has a name, data and
// ports of its own. What several tests share is best started by one test with subtests: Clone gives each a database of its own.
package stacktest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"maps"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"dagger.io/dagger"
)

// Options say what is started. The zero value is all of the project in the folder of the test.
type Options struct {
	// Module is the stack module: a path, or a git URL with a version. $STACK, unless given.
	Module string
	// Project is the project's folder; that of the test, unless given.
	Project string
	// Services are those that the test needs; what these need is started, too. All, unless given.
	Services []string
	// Args are arguments of the stack by the names that they have in a module, e.g. "backendCommand", "env" or "publish": text, numbers,
	// bool, lists of text, and Secret. The stack is ephemeral and has a name of its own, unless they say otherwise.
	Args map[string]any
	// Log is where Dagger's progress goes; nowhere, unless given.
	Log io.Writer
}

// Secret is the text of an argument that is a secret, such as "dbPassword".
type Secret string

// Stack is a running one.
type Stack struct {
	client *dagger.Client
	args   string      // of the module's stack
	ports  map[int]int // of the host, by the port that the stack publishes
	api    api
	stays  bool // its session or its data outlives the test
}

// Up starts a stack, waits until all of it is healthy, and ends it after the test. It fails the test if that cannot be done. If the
// test fails, it logs what the stack has logged.
func Up(t testing.TB, options Options) *Stack {
	t.Helper()
	progress := &tail{}
	client, err := connect(io.MultiWriter(progress, cmp.Or[io.Writer](options.Log, io.Discard)))
	if err != nil {
		t.Fatalf("stacktest: %v\n%s", err, progress)
	}
	args := map[string]any{"name": nameOf(t.Name()), "ephemeral": true}
	maps.Copy(args, options.Args)
	s := &Stack{client: client, stays: os.Getenv(sessionVariable) != "" || args["ephemeral"] != true}
	t.Cleanup(func() { s.end(t) })
	if err := s.up(t.Context(), options, args); err != nil {
		t.Fatalf("stacktest: %v", err)
	}
	return s
}

func (s *Stack) up(ctx context.Context, options Options, args map[string]any) (err error) {
	module, err := load(ctx, s.client, cmp.Or(options.Module, os.Getenv("STACK")))
	if err != nil {
		return err
	}
	if s.args, err = module.arguments(ctx, args); err != nil {
		return err
	}
	service, err := module.up(ctx, s.args, cmp.Or(options.Project, "."), options.Services)
	if err != nil {
		return err
	}
	if s.ports, err = tunnel(ctx, s.client, service); err != nil {
		return err
	}
	token, err := module.text(ctx, s.args, "apiToken")
	if err != nil {
		return err
	}
	port, given := args["apiPort"].(int)
	if !given {
		port = 9002
	}
	s.api, err = newAPI(ctx, args["name"], s.ports[port], strings.TrimSpace(token))
	return err
}

// end ends the stack with its session; one that outlives the session is asked to end.
func (s *Stack) end(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	if t.Failed() && s.api.url != "" {
		logs, err := s.api.logs(ctx)
		if err != nil {
			logs = err.Error()
		}
		t.Logf("the log of the stack:\n%s", logs)
	}
	if s.stays && s.api.url != "" {
		if _, err := (module{client: s.client}).text(ctx, s.args, "stop"); err != nil {
			t.Errorf("stacktest: %v", err)
		}
	}
	if err := s.client.Close(); err != nil {
		t.Logf("stacktest: %v", err)
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf is a name that no other stack has.
func nameOf(test string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(test), "-")
	name = strings.Trim(name[:min(len(name), 27)], "-")
	return strings.TrimPrefix(name+"-"+strings.ToLower(rand.Text()[:10]), "-")
}

// tail keeps the end of what is written.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const tailMax = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(b)
	t.text.Next(max(0, t.text.Len()-tailMax))
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
