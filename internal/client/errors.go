package client

import (
	"errors"
	"fmt"
)

// The kinds of errors that a caller may want to tell apart: use errors.Is. Their texts are for people and say all.
var (
	ErrInvalid    = errors.New("invalid request") // asks for what cannot be, whatever the stack does
	ErrNotRunning = errors.New("not running")
	ErrBusy       = errors.New("busy") // the service is being restarted, backed up or restored
)

// kind is an error of one of the kinds, with a text of its own.
type kind struct {
	error
	of error
}

func (k kind) Is(target error) bool { return target == k.of }

func (k kind) Unwrap() error { return k.error }

func invalid(format string, args ...any) error { return kind{fmt.Errorf(format, args...), ErrInvalid} }

func notRunning(format string, args ...any) error {
	return kind{fmt.Errorf(format, args...), ErrNotRunning}
}
