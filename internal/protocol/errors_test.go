package protocol

import (
	"errors"
	"fmt"
	"testing"
)

// A code stays what it is through errors around it, and through the exit of a process.
func TestCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code string
		exit int
	}{
		{errors.New("any"), CodeFailed, 1},
		{Error{Message: "of an agent that knows no codes"}, CodeFailed, 1},
		{Errorf(CodeFailed, "any"), CodeFailed, 1},
		{Errorf(CodeInvalid, "service %q", "web"), CodeInvalid, 64},
		{fmt.Errorf("web %w: try again", Errorf(CodeBusy, "is busy")), CodeBusy, 75},
		{Errorf(CodeEnded, ""), CodeEnded, 79},
		{errors.Join(Errorf(CodeNotRunning, "gone"), errors.New("more")), CodeNotRunning, 69},
		{Errorf(CodeUnhealthy, "table"), CodeUnhealthy, 70},
	} {
		if code, exit := CodeOf(c.err), ExitCode(c.err); code != c.code || exit != c.exit {
			t.Errorf("%v: code %s, exit code %d", c.err, code, exit)
		}
		if again := FromExit(c.exit, c.err.Error()); CodeOf(again) != c.code || again.Error() != c.err.Error() {
			t.Errorf("%v: from exit code %d: %#v", c.err, c.exit, again)
		}
	}
	for _, exit := range []int{2, 127, 137} { // a panic, no such program, SIGKILL
		if err := FromExit(exit, "ended"); CodeOf(err) != CodeFailed || err.Error() != "ended" {
			t.Errorf("exit code %d: %#v", exit, err)
		}
	}
}
