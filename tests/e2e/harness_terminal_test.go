package e2e

import (
	"context"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/creack/pty"
)

// terminal is a call in a terminal of its own, which somebody types in.
type terminal struct {
	*session
	keyboard *os.File
}

// terminal begins a call as users have it: with Dagger's progress as tty.
func (s *stack) terminal(call ...string) *terminal {
	s.Helper()
	keyboard, screen, err := pty.Open()
	if err != nil {
		s.Fatal(err)
	}
	defer screen.Close()
	cmd := command(context.Background(), s.project, s.args(call...)...)
	cmd.Args[1] = "--progress=tty"
	cmd.Env = append(append(cmd.Env, "TERM=xterm-256color"), s.environ...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	t := &terminal{&session{stack: s, cmd: cmd, exited: make(chan struct{})}, keyboard}
	t.resize(30, 100)
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.sessions = append(s.sessions, t.session)
	shown := make(chan struct{})
	go func() { _, _ = io.Copy(t.session, keyboard); close(shown) }()
	go func() { _ = cmd.Wait(); <-shown; close(t.exited) }()
	s.Cleanup(func() { t.end(); keyboard.Close() })
	return t
}

func (t *terminal) resize(rows, columns uint16) {
	t.Helper()
	if err := pty.Setsize(t.keyboard, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
}

// types types, and waits until something is on the screen that was not there before.
func (t *terminal) types(keys, want string) {
	t.Helper()
	before := len(t.printed())
	if _, err := t.keyboard.WriteString(keys); err != nil {
		t.Fatal(err)
	}
	t.until(want, func() bool { return strings.Contains(t.printed()[before:], want) })
}
