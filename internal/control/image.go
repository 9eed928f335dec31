package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"time"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// replace has the files of a new image put in the place of the container's, and the service restarted.
func (e edit) replace(ctx context.Context, r SyncRequest, timeout time.Duration, synced func(SyncResult), restarted func(protocol.RestartResult)) error {
	defer os.RemoveAll(e.service.Built())
	args, err := e.packImage(ctx, timeout)
	if err != nil {
		return fmt.Errorf("%s: what was built cannot be brought: %w", e.service.Name, err)
	}
	result := SyncResult{Service: e.service.Name, Built: true}
	for _, t := range e.triggered {
		t.tell(&result)
	}
	result.Ran = nil
	synced(result)
	again, begun := protocol.RestartResult{Service: e.service.Name}, time.Now()
	if err := socket.Ask(ctx, e.service, protocol.VerbImage, args, &again, timeout+copyTime); err != nil {
		return withLog(e.service, begun, fmt.Errorf("%s did not come back with its new build: %w", e.service.Name, noAnswer(err, timeout)))
	}
	if e.status.Health != state.Done {
		restarted(again)
	}
	if e.triggered, err = e.triggers(ctx, r, timeout); err != nil {
		return err
	}
	_, err = e.act(ctx, timeout, &result)
	return err
}

// packImage puts what of a new image is not like the container where the agent finds it.
func (e edit) packImage(ctx context.Context, timeout time.Duration) (args protocol.ImageArgs, err error) {
	if err := errors.Join(os.RemoveAll(e.service.Built()), os.MkdirAll(e.service.Built(), 0o700)); err != nil {
		return args, err
	}
	if err := socket.Ask(ctx, e.service, protocol.VerbFiles, nil, nil, timeout+copyTime); err != nil {
		return args, noAnswer(err, timeout)
	}
	text, err := os.ReadFile(e.service.BuiltList())
	if err != nil {
		return args, err
	}
	var running protocol.ContainerFiles
	if err := json.Unmarshal(text, &running); err != nil {
		return args, err
	}
	built, err := tree.List(e.built.Root, running.Without)
	if err != nil {
		return args, err
	}
	for _, name := range running.Without { // its folder stays
		for folder := name; folder != "."; folder = path.Dir(folder) {
			delete(running.Files, folder)
		}
	}
	args.Gone = running.Files.Beyond(built)
	archive, err := os.Create(e.service.BuiltArchive())
	if err != nil {
		return args, err
	}
	return args, errors.Join(built.Pack(archive, e.built.Root, built.Unlike(running.Files)), archive.Close())
}
