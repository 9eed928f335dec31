package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Calls that run until they are ended, as `up up` does.

// session is a call that runs until it is ended: `up up`.
type session struct {
	*stack
	cmd    *exec.Cmd
	exited chan struct{}
	mu     sync.Mutex
	output bytes.Buffer
}

func (s *session) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(b)
}

func (s *session) printed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// up starts the stack with its ports published and waits until it says so.
func (s *stack) up(flags ...string) *session {
	s.Helper()
	session := s.begin(append(append([]string{"up", "--project-path", s.project}, flags...), "up")...)
	session.untilPublished()
	return session
}

func (s *session) untilPublished() {
	s.Helper()
	for _, service := range published {
		if _, err := os.Stat(filepath.Join(s.project, service)); err != nil && service == "frontend" || s.ports[service] == 0 {
			continue // the project has none, or the API is turned off
		}
		s.untilListens(s.ports[service])
	}
}

// untilListens waits until somebody listens on a published port.
func (s *session) untilListens(port int) {
	s.Helper()
	s.until("published ports", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// begin starts a call without waiting for anything.
func (s *stack) begin(call ...string) *session {
	s.Helper()
	return s.start(command(context.Background(), s.project, s.args(call...)...))
}

func (s *stack) start(cmd *exec.Cmd) *session {
	s.Helper()
	session := &session{stack: s, cmd: cmd, exited: make(chan struct{})}
	session.cmd.Env = append(session.cmd.Env, s.environ...)
	session.cmd.Stdout, session.cmd.Stderr = session, session
	if err := session.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() { session.cmd.Wait(); close(session.exited) }()
	s.sessions = append(s.sessions, session)
	s.Cleanup(session.end)
	return session
}

// until waits for a condition, and fails at once if the session ends before it.
func (s *session) until(what string, condition func() bool) {
	s.Helper()
	for end := time.Now().Add(waitTimeout); !condition(); time.Sleep(50 * time.Millisecond) {
		select {
		case <-s.exited:
			if condition() {
				return
			}
			s.Fatalf("the call ended before: %s\n%s", what, tail(s.printed()))
		default:
		}
		if time.Now().After(end) {
			s.Fatalf("never: %s\n%s", what, tail(s.printed()))
		}
	}
}

// end interrupts the call, as Ctrl-C does, and waits for its end.
func (s *session) end() {
	s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.exited:
	case <-time.After(time.Minute):
		s.Errorf("the call does not end on SIGINT\n%s", tail(s.printed()))
		s.kill()
	}
}

// kill is kill -9 of the CLI.
func (s *session) kill() {
	s.cmd.Process.Signal(syscall.SIGKILL)
	<-s.exited
}
