// Package snapshot keeps copies of a service's data beside the data, by name.
package snapshot

import (
	"context"
	"slices"
	"strings"

	"dagger/stack/internal/protocol"
)

// Store is where the snapshots of one service are.
type Store interface {
	List(ctx context.Context) ([]protocol.ServiceSnapshot, error)
	// Take replaces the snapshot of that name when the new one is whole.
	Take(ctx context.Context, name string) (protocol.SnapshotAnswer, error)
	// Rollback changes nothing unless all of the snapshot can be had.
	Rollback(ctx context.Context, name string) (protocol.SnapshotAnswer, error)
	Clone(ctx context.Context, name, database string, count int) (protocol.SnapshotAnswer, error)
	// Drop drops a snapshot and its clones, these alone, or the clone whose database has that name. To drop what is not there is
	// no error.
	Drop(ctx context.Context, name string, clones bool) (protocol.SnapshotAnswer, error)
	// Prepare does what can be done before the next rollback to a snapshot, and what can wait until after the last.
	Prepare(ctx context.Context, name string) error
	// Sweep drops clones that have outlived their stack.
	Sweep(ctx context.Context) error
	Close()
}

// Do does with a store what is asked.
func Do(ctx context.Context, in Store, a protocol.SnapshotArgs) (protocol.SnapshotAnswer, error) {
	switch a.Act {
	case protocol.SnapshotList:
		found, err := in.List(ctx)
		return protocol.SnapshotAnswer{Snapshots: found}, err
	case protocol.SnapshotTake:
		return in.Take(ctx, a.Name)
	case protocol.SnapshotRollback:
		return in.Rollback(ctx, a.Name)
	case protocol.SnapshotClone:
		return in.Clone(ctx, a.Name, a.Database, a.Count)
	case protocol.SnapshotDrop:
		return in.Drop(ctx, a.Name, a.Clones)
	}
	return protocol.SnapshotAnswer{}, protocol.Errorf(protocol.CodeInvalid, "a snapshot cannot be %q", a.Act)
}

// missing is the error of a snapshot that is not there.
func missing(name string, found []protocol.ServiceSnapshot) error {
	var names []string
	for _, kept := range found {
		names = append(names, kept.Name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return protocol.Errorf(protocol.CodeInvalid, "there is no snapshot %q, and no other: take one with the function snapshot", name)
	}
	return protocol.Errorf(protocol.CodeInvalid, "there is no snapshot %q: want one of %s", name, strings.Join(names, ", "))
}
