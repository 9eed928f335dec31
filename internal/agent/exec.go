package agent

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// exec runs a command beside the service's process, with no more rights and within the same limits, and answers with its
// streams. It does not keep the loop: many commands may run at a time.
func (a *agent) exec(request *socket.Request) {
	var args protocol.ExecArgs
	if err := json.Unmarshal(request.Args, &args); err != nil {
		a.reply(request, nil, err)
		return
	}
	if a.child == nil {
		a.reply(request, nil, a.noProcess())
		return
	}
	env, err := a.environWith(a.login(), a.user.Home)
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	if args.Terminal != nil {
		env = append(env, terminalType)
	}
	cmd, err := a.command(a.child, args.Command, append(env, args.Env...))
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	if filepath.IsAbs(args.Workdir) {
		cmd.Dir = args.Workdir
	} else if args.Workdir != "" {
		cmd.Dir = filepath.Join(cmd.Dir, args.Workdir)
	}
	go func() {
		e := &execution{timeout: args.Timeout, input: args.Input, terminal: args.Terminal}
		if !args.Reveal {
			e.secrets = a.secrets
		}
		if err := e.start(a.reaper, cmd, a.user); err != nil {
			a.reply(request, nil, protocol.Errorf(protocol.CodeInvalid, "%s: the command cannot be run: %v", a.Service.Name, err))
			return
		}
		a.happened(state.EventExecStart + strings.Join(args.Command, " "))
		request.Stream(func(conn net.Conn) {
			a.happened(state.EventExecDie, "exitCode", strconv.Itoa(e.serve(conn).Code))
		})
	}()
}

// login are the variables by which clients of a database that the stack has made log in: nobody knows a password that was generated.
func (a *agent) login() []spec.Variable {
	if a.Service.Backup == nil || a.Service.Described {
		return nil
	}
	return a.Service.Backup.Env
}

// execution is a command that somebody is connected to.
type execution struct {
	timeout  time.Duration // 0: none
	input    bool
	terminal *protocol.Size // nil: pipes
	secrets  [][]byte

	process        *process.Process
	stdin          *os.File // nil: it has none
	stdout, stderr *os.File // one, for a terminal
}

// terminalType is what all terminals of today understand; a client may say more.
const terminalType = "TERM=xterm-256color"

// start starts the command, with pipes or in a terminal.
func (e *execution) start(reaper *process.Reaper, cmd process.Command, user process.User) (err error) {
	theirs, err := e.connect(&cmd, user)
	if err == nil {
		e.process, err = reaper.Start(cmd)
	}
	for _, file := range theirs {
		file.Close()
	}
	if err != nil {
		e.close()
	}
	return err
}

// connect gives the command its streams. theirs are its ends, for the agent to close.
func (e *execution) connect(cmd *process.Command, user process.User) (theirs []*os.File, err error) {
	if e.terminal != nil {
		output, terminal, err := process.OpenTerminal(user)
		if err != nil {
			return nil, err
		}
		e.stdin, e.stdout = output, output
		cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Terminal = terminal, terminal, terminal, true
		return []*os.File{terminal}, process.ResizeTerminal(output, e.terminal.Rows, e.terminal.Columns)
	}
	pipe := func() (read, write *os.File) {
		if err == nil {
			read, write, err = os.Pipe()
		}
		return read, write
	}
	if e.input {
		cmd.Stdin, e.stdin = pipe()
		theirs = append(theirs, cmd.Stdin)
	}
	e.stdout, cmd.Stdout = pipe()
	e.stderr, cmd.Stderr = pipe()
	return append(theirs, cmd.Stdout, cmd.Stderr), err
}

func (e *execution) close() {
	for _, file := range []*os.File{e.stdin, e.stdout, e.stderr} {
		file.Close() // an error for one that there is not
	}
}

// serve hands the streams on until the command has ended. When the other side leaves, the command is killed.
func (e *execution) serve(conn net.Conn) (exit process.Exit) {
	defer e.close()
	frames := socket.FramesTo(conn)
	gone := make(chan struct{})
	go func() { e.feed(conn); close(gone) }()
	var output sync.WaitGroup
	if e.terminal != nil {
		output.Go(func() { _ = logstore.CopyTyped(frames.As(socket.FrameStdout), e.stdout, e.secrets) })
	} else {
		output.Go(func() { _ = logstore.CopyRedacted(frames.As(socket.FrameStdout), e.stdout, e.secrets) })
		output.Go(func() { _ = logstore.CopyRedacted(frames.As(socket.FrameStderr), e.stderr, e.secrets) })
	}
	var late <-chan time.Time
	if e.timeout > 0 {
		late = time.After(e.timeout)
	}
	result := protocol.ExecResult{}
	select {
	case exit = <-e.process.Done():
	case <-late:
		result.TimedOut = true
		e.process.KillTree()
		exit = <-e.process.Done()
	case <-gone:
		e.process.KillTree()
		return <-e.process.Done()
	}
	e.process.KillSession() // what it left running would hold the pipes, or the terminal
	waitFor(&output, outputTimeout)
	result.Code, result.Signal = exit.Code, unix.SignalName(exit.Signal)
	if text, err := json.Marshal(result); err == nil {
		_ = frames.Write(socket.FrameResult, text)
	}
	return exit
}

// feed hands on what comes for the command's stdin, and returns when the other side has left.
func (e *execution) feed(conn net.Conn) {
	for {
		kind, text, err := socket.ReadFrame(conn)
		switch {
		case err != nil:
			return
		case kind == socket.FrameResize && e.terminal != nil:
			var size protocol.Size
			if json.Unmarshal(text, &size) == nil {
				_ = process.ResizeTerminal(e.stdin, size.Rows, size.Columns)
			}
		case kind != socket.FrameStdin:
			return
		case e.stdin == nil, len(text) == 0 && e.terminal != nil: // a terminal has no end
		case len(text) == 0:
			e.stdin.Close()
		case !e.write(conn, text):
			return
		}
	}
}

// write writes to the command's stdin, and tells whether the other side is still there. A command that reads no more does not
// get the rest.
func (e *execution) write(conn net.Conn, text []byte) bool {
	for len(text) > 0 {
		_ = e.stdin.SetWriteDeadline(time.Now().Add(leftInterval))
		n, err := e.stdin.Write(text)
		text = text[n:]
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if left(conn) {
				return false
			}
		case err != nil:
			return true
		}
	}
	return true
}

// leftInterval is how often it is looked whether somebody is there while the command does not read what was sent.
const leftInterval = time.Second

// left tells whether the other side of a connection has closed it, also while there is something to read.
func left(conn net.Conn) (closed bool) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return true
	}
	err = raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}} //nolint:gosec // a descriptor
		n, err := unix.Poll(poll, 0)
		closed = err == nil && n > 0 && poll[0].Revents&(unix.POLLRDHUP|unix.POLLHUP) != 0
	})
	return closed || err != nil
}
