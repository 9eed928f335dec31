package process

import (
	"errors"
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// OpenTerminal makes a terminal for a process of that user: what the process prints is read from output. A process that has
// one cannot tell the streams apart.
func OpenTerminal(user User) (output, terminal *os.File, err error) {
	blocking, terminal, err := pty.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	defer blocking.Close()
	if output, err = pollable(blocking); err != nil {
		terminal.Close()
		return nil, nil, err
	}
	if os.Getuid() == 0 {
		if err := terminal.Chown(user.UID, -1); err != nil {
			output.Close()
			terminal.Close()
			return nil, nil, err
		}
	}
	return output, terminal, nil
}

// pollable is the same file with deadlines, and with a Close that ends a read.
func pollable(file *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	return os.NewFile(uintptr(fd), file.Name()), err
}

// ResizeTerminal tells a terminal how large it is, and the processes that are in front in it.
func ResizeTerminal(terminal *os.File, rows, columns uint16) error {
	raw, err := terminal.SyscallConn() // Fd would make its reads block
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) {
		err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}) //nolint:gosec // a descriptor
	})
	return errors.Join(failed, err)
}

// controlTerminal makes the terminal at stdin the one of the session, which the init leads.
func controlTerminal() error {
	if err := unix.IoctlSetInt(0, unix.TIOCSCTTY, 0); err != nil {
		return fmt.Errorf("get control of the terminal: %w", err)
	}
	return nil
}
