package process

import (
	"os"
	"os/signal"
	"syscall"
)

// SurviveClosedOutput has a write to a closed stdout or stderr fail, where it would end the caller (os/signal, "SIGPIPE"). The signal
// is caught and not ignored: what is ignored stays so in all that the caller starts, and a pipeline of a shell ends by it.
func SurviveClosedOutput() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
