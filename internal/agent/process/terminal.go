package process

import (
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// OpenTerminal makes a terminal for a process of that user: what the process prints is read from output. A process that has
// one cannot tell the streams apart.
func OpenTerminal(user User) (output, terminal *os.File, err error) {
	if output, terminal, err = pty.Open(); err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
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

// controlTerminal makes the terminal at stdin the one of the session, which the init leads.
func controlTerminal() error {
	if err := unix.IoctlSetInt(0, unix.TIOCSCTTY, 0); err != nil {
		return fmt.Errorf("get control of the terminal: %w", err)
	}
	return nil
}
