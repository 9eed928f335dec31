package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	agentsource "dagger/stack/internal/agent/source"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// copyTime is how long the agent may take to have a build in place, before the service is started.
const copyTime = 2 * time.Minute

// install has what was built for a service put in place, with its new source, and the service restarted.
func (e edit) install(ctx context.Context, timeout time.Duration, synced func(SyncResult), restarted func(protocol.RestartResult)) error {
	defer os.RemoveAll(e.service.Incoming())
	defer os.RemoveAll(e.service.Built())
	built := e.service.Built()
	err := errors.Join(e.handOver(), os.RemoveAll(built), os.MkdirAll(built, 0o700))
	if err == nil {
		err = agentsource.Collect(built, e.built.Root, e.built.Products)
	}
	if err != nil {
		return fmt.Errorf("%s: what was built cannot be brought: %w", e.service.Name, err)
	}
	result, begun := protocol.RestartResult{Service: e.service.Name}, time.Now()
	synced(e.result())
	err = socket.Ask(ctx, e.service, protocol.VerbInstall, protocol.InstallArgs{Change: e.change, Products: e.built.Products}, &result, timeout+copyTime)
	if err != nil {
		return withLog(e.service, begun, fmt.Errorf("%s did not come back with its new build: %w", e.service.Name, noAnswer(err, timeout)))
	}
	if e.status.Health != state.Done {
		restarted(result)
	}
	return nil
}
