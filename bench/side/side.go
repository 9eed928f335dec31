// Package side has the two that are compared behind one interface: docker compose, and this project's module on its
// engine. Both run the same example.
package side

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/outside"
)

// Starter is what can be started.
type Starter interface {
	Name() string
	Targets() []outside.Target
	Up(ctx context.Context) error     // begins to start, and returns before anything is served
	Settle(ctx context.Context) error // waits until what Up began has come to rest
	Failed() error                    // waits for the end of what Up began, and says if it went wrong
	Said() string                     // what Up has printed
	Abandon(ctx context.Context)      // ends it anyhow, after something failed
}

// Side is one of the two.
type Side interface {
	Starter
	Again(ctx context.Context) error                   // asks for a stack that runs already, and waits for the answer
	Down(ctx context.Context) error                    // ends the stack gracefully
	Wipe(ctx context.Context) error                    // drops its data
	Restart(ctx context.Context, service string) error // and waits for the tool
	Process(service string) (pid int, err error)       // the service's own, as the machine numbers it
	Health(ctx context.Context) error                  // asks for all services' health
	Exec(ctx context.Context) error                    // runs a command that does nothing in the backend
	Run(ctx context.Context) error                     // runs one in a container of its own, made like the backend's
	Logs(ctx context.Context) error                    // asks for the last lines of all services together
	Tail(ctx context.Context, log string) error        // reads the last 100 lines of one of the logs that Fill made
	Fill(ctx context.Context, log string, mib int) error
	// Pipe runs a command in the backend, one program and its arguments without quotes, with these streams.
	Pipe(ctx context.Context, command string, stdin io.Reader, stdout io.Writer) error
	Overhead() ([]machine.Process, error) // what runs beside the services to keep them running
}

// Ports are those that a stack is published on, one after the other.
type Ports struct{ Postgres, Redis, Backend, Frontend, API int }

func portsFrom(first int) Ports { return Ports{first, first + 1, first + 2, first + 3, first + 4} }

// The passwords are known, so that the outside client can log in on both sides.
const (
	dbPassword    = "bench-db"
	redisPassword = "bench-redis"
)

func (p Ports) targets() []outside.Target {
	return []outside.Target{
		outside.Postgres("postgres", p.Postgres, dbPassword),
		outside.Redis("redis", p.Redis, redisPassword),
		outside.HTTP("backend", p.Backend, "/health"),
		outside.HTTP("frontend", p.Frontend, "/"),
	}
}

// Target is the one of that name.
func Target(s Side, name string) outside.Target {
	for _, t := range s.Targets() {
		if t.Name == name {
			return t
		}
	}
	panic("no target " + name)
}

// tool is a command line that both sides are driven by.
type tool struct {
	args []string
	env  []string
	dir  string
}

func (t tool) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append([]string(nil), t.args...), args...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Env, cmd.Dir = append(os.Environ(), t.env...), t.dir
	// As Ctrl-C does: a session that is killed leaves things behind.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 15 * time.Second
	// Not the terminal's Ctrl-C, which is for the bench alone: it then ends its commands itself.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// run is a command to its end; its output is what it printed, or part of the error.
func (t tool) run(ctx context.Context, args ...string) (string, error) {
	cmd := t.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, lastOf(stderr.String()+stdout.String()))
	}
	return stdout.String(), nil
}

// started is a command that goes on in the background.
type started struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended, with err
	err  error

	mu     sync.Mutex
	output bytes.Buffer
}

func (s *started) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(b)
}

func (s *started) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return lastOf(s.output.String())
}

func (t tool) start(ctx context.Context, args ...string) (*started, error) {
	s := &started{cmd: t.command(ctx, args...), done: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.err = s.cmd.Wait(); close(s.done) }()
	return s, nil
}

func (s *started) wait() error {
	if <-s.done; s.err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(s.cmd.Args, " "), s.err, s.said())
	}
	return nil
}

func lastOf(text string) string {
	const most = 3000
	return text[max(0, len(text)-most):]
}
