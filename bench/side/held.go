package side

import (
	"context"
	"os"
)

// daggerEnv makes the CLI say nothing but what it is asked.
var daggerEnv = []string{"NO_COLOR=1", "DAGGER_NO_NAG=1", "DO_NOT_TRACK=1"}

// held is a call of Dagger's that keeps what it has started, and its ports published, for as long as it goes on.
type held struct{ up *started }

func (h *held) Said() string { return h.up.said() }

func (h *held) Failed() error { return h.up.wait() }

// Settle has nothing to wait for: the call goes on as long as what it has started.
func (h *held) Settle(context.Context) error { return nil }

// Abandon ends the call that a run that failed has left.
func (h *held) Abandon(context.Context) {
	if h.up != nil {
		h.end()
	}
}

// end interrupts the call, as Ctrl-C does.
func (h *held) end() {
	h.up.cmd.Process.Signal(os.Interrupt)
	<-h.up.done // whose exit code says that it was interrupted
	h.up = nil
}
