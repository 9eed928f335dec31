package command

import (
	"context"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
)

// attach makes this process's terminal that of a command in a service. There is nobody to hand an exit code to: Dagger's own end of
// a terminal has none.
func attach(ctx context.Context, a asked[control.ExecRequest]) error {
	input := int(os.Stdin.Fd())
	a.request.Input, a.request.Terminal = true, size(input)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	command, err := a.Start(ctx, a.request)
	if err != nil {
		return err
	}
	defer command.Close()
	if before, err := term.MakeRaw(input); err == nil { // else the stdin is no terminal
		defer func() { _ = term.Restore(input, before) }()
	}
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, unix.SIGWINCH)
	defer signal.Stop(resized)
	go follow(command, resized, input)
	go func() {
		if err := command.Send(os.Stdin); err != nil {
			cancel(err)
		}
	}()
	_, err = command.Wait(ctx, os.Stdout, os.Stderr)
	return err
}

// follow hands on each size that the terminal gets.
func follow(command *control.Command, resized <-chan os.Signal, terminal int) {
	for range resized {
		if command.Resize(*size(terminal)) != nil {
			return
		}
	}
}

// size is that of a terminal, or what terminals have where there is none.
func size(terminal int) *protocol.Size {
	columns, rows, err := term.GetSize(terminal)
	if err != nil || columns <= 0 || rows <= 0 {
		return &protocol.Size{Rows: 24, Columns: 80}
	}
	return &protocol.Size{Rows: uint16(rows), Columns: uint16(columns)} //nolint:gosec // the kernel's own numbers have 16 bits
}
