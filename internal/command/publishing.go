package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"dagger/stack/internal/state"
)

// watchGateway says where the call that publishes shows it that no published port answers any more: Dagger's part of the call says
// nothing of that, and goes on. One agent says it for all.
func watchGateway(ctx context.Context, stack state.Stack, service, session string, out io.Writer) {
	gone := false
	for ticker := time.NewTicker(state.QuietHeartbeat); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
		said, err := stack.Gateway()
		if errors.Is(err, fs.ErrNotExist) || err == nil && said.Session != session {
			continue // there is none
		}
		was := gone
		gone = err == nil && said.Gone(time.Now())
		if gone == was || !speaks(stack, service, session) {
			continue
		}
		if gone {
			fmt.Fprint(out, "\n[stack] the gateway has ended: no published port answers. Interrupt the call that publishes them (Ctrl-C), and start it again\n")
		} else {
			fmt.Fprint(out, "\n[stack] the gateway is back: the published ports answer again\n")
		}
	}
}

// speaks tells whether a service is the first of the last run, which is this session's.
func speaks(stack state.Stack, service, session string) bool {
	run, err := stack.Run()
	return err == nil && run.Session == session && len(run.Services) > 0 && run.Services[0] == service
}
