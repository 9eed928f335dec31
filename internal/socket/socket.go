// Package socket is how sessions and agents talk: HTTP over a unix socket on the stack's state volume, which reaches
// containers of other sessions of the engine, where the network does not.
//
// A socket is named by the instance of its agent: whoever has read in the status whom to ask asks this one and no other. What a
// killed agent leaves there refuses connections, and the next agent removes it. A request has a deadline, and an agent that
// takes it up later does not serve it. The arguments are sent when the agent is about to read them (RFC 9110, "100-continue"): so
// an agent that was suspended never serves a request whose sender has given up.
package socket

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dagger/stack/internal/state"
)

// ErrNoAnswer: the agent did not answer before the deadline. ErrEnded is one: it never will.
var (
	ErrNoAnswer = errors.New("no answer")
	ErrEnded    = fmt.Errorf("%w: the agent has ended", ErrNoAnswer)
)

const (
	// deadlineHeader is when a request is too late, in RFC 3339. All clocks are one: that of the engine's machine.
	deadlineHeader = "Stack-Deadline"
	// argsMax bounds what an agent takes into memory: the change of 100,000 files is no more.
	argsMax = 32 << 20
)

// folder is an open control folder. A socket's own path may be no longer than 108 bytes (unix(7)); the one through here is
// always short.
type folder struct{ *os.File }

func openFolder(service state.Service) (folder, error) {
	file, err := os.Open(service.Control())
	return folder{file}, err
}

func (f folder) path(instance string) string {
	return filepath.Join(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), instance)
}
