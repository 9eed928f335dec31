package process

import (
	"bytes"
	"context"
	"io"
	"os"
	"syscall"
)

// outputKept bounds what Output remembers: a probe's or a hook's last words.
const outputKept = 16 << 10

// Output runs a command and returns what it printed, cut after 16 KiB: stdout and stderr together, or stderr alone if
// the command has a Stdout. When the context ends first, the command and its group are killed, and the error is the
// context's.
func (r *Reaper) Output(ctx context.Context, cmd Command, stdin io.Reader) (output string, code int, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return "", 0, err
	}
	defer read.Close()
	cmd.Stderr = write
	if cmd.Stdout == nil {
		cmd.Stdout = write
	}
	if stdin != nil {
		inRead, inWrite, err := os.Pipe()
		if err != nil {
			write.Close()
			return "", 0, err
		}
		defer inRead.Close()
		cmd.Stdin = inRead
		go func() {
			_, _ = io.Copy(inWrite, stdin)
			inWrite.Close()
		}()
	}
	process, err := r.Start(cmd)
	write.Close()
	if err != nil {
		return "", 0, err
	}
	words := make(chan string, 1)
	go func() {
		var kept bytes.Buffer
		_, _ = io.Copy(&kept, io.LimitReader(read, outputKept))
		_, _ = io.Copy(io.Discard, read)
		words <- kept.String()
	}()
	select {
	case exit := <-process.Done():
		process.SignalGroup(syscall.SIGKILL) // what it left running would hold the pipe
		return <-words, exit.Code, nil
	case <-ctx.Done():
		process.SignalGroup(syscall.SIGKILL)
		<-process.Done()
		return <-words, 0, ctx.Err()
	}
}
