package protocol

import (
	"cmp"
	"errors"
	"fmt"
)

// The codes say for programs what kind of error it is. They are the same in an agent's answer, in the HTTP API and, as
// exit codes, from the agent's binary.
const (
	CodeFailed     = "failed"          // none of the others
	CodeInvalid    = "invalid_request" // asks for what cannot be, whatever the stack does
	CodeNotRunning = "not_running"     // the stack, or the service
	CodeBusy       = "busy"            // the service is being restarted, backed up or restored
	CodeUnhealthy  = "unhealthy"       // a report of which not all is well
	CodeEnded      = "ended"           // the command that was to be run has ended with another exit code than 0
)

// Error has a code for programs, and a message for people that says all.
type Error struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

func (e Error) Error() string { return e.Message }

// Errorf is an error with a code.
func Errorf(code, format string, args ...any) error {
	return Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf is the code of an error, or of the first in its chain that has one.
func CodeOf(err error) string {
	var coded Error
	if errors.As(err, &coded) && coded.Code != "" {
		return coded.Code
	}
	return CodeFailed
}

// exits are those of sysexits.h, as far as it has them. 1 is any failure, and 2 is Go's own for a panic.
var exits = map[string]int{CodeInvalid: 64, CodeNotRunning: 69, CodeUnhealthy: 70, CodeBusy: 75, CodeEnded: 79}

// ExitCode is what a process ends with for an error.
func ExitCode(err error) int {
	return cmp.Or(exits[CodeOf(err)], 1)
}

// FromExit is the error of a process that has ended with that code and has said that.
func FromExit(exit int, message string) error {
	for code, known := range exits {
		if known == exit {
			return Error{Code: code, Message: message}
		}
	}
	return Error{Code: CodeFailed, Message: message}
}
