package control

import (
	"errors"
	"fmt"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

func invalid(format string, args ...any) error {
	return protocol.Errorf(protocol.CodeInvalid, format, args...)
}

var errNoService = invalid("which service? Name it with --service")

func notRunning(format string, args ...any) error {
	return protocol.Errorf(protocol.CodeNotRunning, format, args...)
}

// noAnswer says what a silent agent means.
func noAnswer(err error, timeout time.Duration) error {
	switch {
	case errors.Is(err, socket.ErrEnded):
		return errors.New("it ended before it answered")
	case errors.Is(err, socket.ErrNoAnswer):
		return fmt.Errorf("no answer within %s: its agent is busy with another request or hangs", timeout)
	}
	return err
}

// silent says the same of a service whose agent's own errors name it.
func silent(service string, err error, timeout time.Duration) error {
	if errors.Is(err, socket.ErrNoAnswer) {
		return fmt.Errorf("%s: %w", service, noAnswer(err, timeout))
	}
	return err
}

// CheckFormat refuses what a value cannot be rendered as; empty is text.
func CheckFormat(format string) error {
	if format != "" && format != "text" && format != "json" {
		return invalid("format %q: want text or json", format)
	}
	return nil
}

// parseTimeout reads how long a service may take.
func parseTimeout(text string) (time.Duration, error) {
	timeout, err := time.ParseDuration(text)
	if err != nil || timeout <= 0 {
		return 0, invalid("timeout %q: want a duration such as 60s", text)
	}
	return timeout, nil
}
