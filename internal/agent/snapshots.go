package agent

import (
	"context"
	"encoding/json"
	"errors"
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
		a.copies.Lock()
		store, err := a.store(a.backupCommand(beside))
		if err != nil {
			a.copies.Unlock()
			return nil, err
		}
		done := func() { store.Close(); a.copies.Unlock() }
		defer func() { done() }()
		switch args.Act {
		case protocol.SnapshotRollback:
			if err := errors.Join(a.folder.NewData(), a.leavesDatabases()); err != nil {
				return nil, err
			}
		case protocol.SnapshotTake, protocol.SnapshotClone:
			if err := a.leavesDatabases(); err != nil {
				return nil, err
			}
		}
		answer, err := snapshot.Do(ctx, store, args)
		if err == nil && (back || args.Act == protocol.SnapshotTake) {
			go a.prepareRollback(store, args.Name, done)
			done = func() {}
		}
		return answer, err
	}}
	a.beginJob()
}

// leavesDatabases has the next agent drop what this one may leave, if it is killed.
func (a *agent) leavesDatabases() error { return os.WriteFile(a.folder.Clones(), nil, 0o600) }

// prepareTimeout is for what is done after a snapshot and a rollback.
const prepareTimeout = time.Minute

// prepareRollback does what the next rollback need not do, when the snapshot or the last rollback has been answered. A server that is stopped meanwhile needs none.
func (a *agent) prepareRollback(store snapshot.Store, name string, done func()) {
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), prepareTimeout)
	defer cancel()
	if err := store.Prepare(ctx, name); err != nil && !snapshot.Ended(err) {
		a.log.Note("the next rollback is not prepared: " + a.redact(err.Error()))
	}
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
		a.copies.Lock()
		defer a.copies.Unlock()
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
