package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"dagger/stack/internal/agent/backup"
	"dagger/stack/internal/agent/snapshot"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// snapshot does what is asked with the snapshots of the service's data.
func (a *agent) snapshot(request *socket.Request) {
	var args protocol.SnapshotArgs
	err := json.Unmarshal(request.Args, &args)
	of := a.Service.Backup
	switch {
	case err != nil:
	case of == nil:
		err = protocol.Errorf(protocol.CodeInvalid, "%s has no data that the stack knows how to copy", a.Service.Name)
	case a.child == nil || a.status.Health != state.Healthy:
		err = protocol.Errorf(protocol.CodeNotRunning, "%s is not healthy: its data cannot be read now", a.Service.Name)
	}
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	back := args.Act == protocol.SnapshotRollback
	if args.Act != protocol.SnapshotList {
		a.log.Note(fmt.Sprintf("snapshot %s: %s requested", args.Name, args.Act))
	}
	// A service is not stopped for a snapshot that is not there.
	offline := back && of.Offline && snapshot.Kept{Backup: *of, Folder: a.folder.Snapshots()}.Has(args.Name)
	a.job = &job{request: request, offline: offline, run: func(ctx context.Context, beside *child) (any, error) {
		store, err := a.store(a.backupCommand(beside))
		if err != nil {
			return nil, err
		}
		switch args.Act {
		case protocol.SnapshotRollback:
			if err := a.folder.NewData(); err != nil {
				return nil, err
			}
		case protocol.SnapshotClone:
			if err := os.WriteFile(a.folder.Clones(), nil, 0o600); err != nil {
				return nil, err
			}
		}
		return snapshot.Do(ctx, store, args)
	}}
	a.beginJob()
}

// store is where the service's snapshots are.
func (a *agent) store(run backup.Run) (snapshot.Store, error) {
	of := a.Service.Backup
	if of.Server == nil {
		return snapshot.Kept{Backup: *of, Folder: a.folder.Snapshots(), Run: run}, nil
	}
	url, err := a.render.Render(of.Server)
	return &snapshot.Postgres{URL: url, Instance: a.status.Instance}, err
}

// sweepTimeout is for the clones of the stack that was there before.
const sweepTimeout = time.Minute

// sweepClones drops clones that have outlived their stack, beside the loop.
func (a *agent) sweepClones() {
	if _, err := os.Stat(a.folder.Clones()); err != nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), sweepTimeout)
		defer cancel()
		store, err := a.store(nil)
		if err == nil {
			defer store.Close()
			if err = store.Sweep(ctx); err == nil {
				err = os.Remove(a.folder.Clones())
			}
		}
		if err != nil {
			a.log.Note("clones of an earlier stack are not dropped: " + a.redact(err.Error()))
		}
	}()
}
