package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
)

// Keeps the data of a running stack's databases under a name, beside the data
//
// A postgres copies each of its databases within the server; a redis is written to the stack's state. Takes a moment, cuts
// the connections to a postgres, and says how many. One of the same name is replaced. rollback brings the data back:
//
//	dagger call snapshot --name clean
//
// +cache="never"
func (m *Stack) Snapshot(
	ctx context.Context,
	// What to call it, e.g. clean: 1 to 32 letters, digits, dots and hyphens.
	name string,
) (string, error) {
	return m.ask(ctx, command.Snapshot, control.SnapshotRequest{Name: name})
}

// Brings the data of a snapshot back into the running stack
//
// All databases of the snapshot, with their owners, rights and settings, take the places of those in use at once; connections
// are cut, and their number is said. A redis is restarted with the data. Databases that the snapshot does not have stay,
// and are named. Roles are not part of a snapshot.
//
// +cache="never"
func (m *Stack) Rollback(
	ctx context.Context,
	// Which snapshot, e.g. clean: see snapshots.
	name string,
) (string, error) {
	return m.ask(ctx, command.Rollback, control.SnapshotRequest{Name: name})
}

// Lists the snapshots of the running stack, with age, size and the number of their clones
//
// +cache="never"
func (m *Stack) Snapshots(
	ctx context.Context,
	// text or json.
	//
	// +optional
	// +default="text"
	format string,
) (string, error) {
	return m.ask(ctx, command.Snapshots, control.SnapshotsRequest{Format: format})
}

// Drops a snapshot and its clones
//
// +cache="never"
func (m *Stack) DropSnapshot(
	ctx context.Context,
	// Which snapshot, or the database of one clone.
	name string,
	// Drop the snapshot's clones alone.
	//
	// +optional
	clones bool,
) (string, error) {
	return m.ask(ctx, command.DropSnapshot, control.DropSnapshotRequest{Name: name, Clones: clones})
}

// Makes databases with the data of a snapshot, for tests that run at the same time, and prints their URLs
//
// A URL on each line, at the port that the postgres is published at, with *** for the password unless --reveal is given. They end
// with the stack, or by drop-snapshot:
//
//	dagger call clone --name clean --count 8 --reveal
//
// +cache="never"
func (m *Stack) Clone(
	ctx context.Context,
	// Which snapshot, e.g. clean.
	name string,
	// How many databases, 1 to 500.
	//
	// +optional
	// +default=1
	count int,
	// Which postgres, where the snapshot is of several.
	//
	// +optional
	service string,
	// Which database of the snapshot; by default the one that clients log in to.
	//
	// +optional
	database string,
	// Print passwords.
	//
	// +optional
	reveal bool,
	// Print URLs for the stack's services, at the service's name, and not for the host.
	//
	// +optional
	inside bool,
	// text, or json with both URLs.
	//
	// +optional
	// +default="text"
	format string,
) (string, error) {
	return m.askSealed(ctx, command.Clone, control.CloneRequest{
		Name: name, Count: count, Service: service, Database: database, Format: format, Reveal: reveal, Inside: inside,
	})
}

// Makes databases with the data of a snapshot, as clone does, and hands out their URLs as Secrets, for other modules
//
// The host in them is the service's name, e.g. postgres, to which a container is bound by withServiceBinding.
//
// +cache="never"
func (m *Stack) CloneUrls(
	ctx context.Context,
	// Which snapshot, e.g. clean.
	name string,
	// How many databases, 1 to 500.
	//
	// +optional
	// +default=1
	count int,
	// Which postgres, where the snapshot is of several.
	//
	// +optional
	service string,
	// Which database of the snapshot; by default the one that clients log in to.
	//
	// +optional
	database string,
) ([]*dagger.Secret, error) {
	request := control.CloneRequest{Name: name, Count: count, Service: service, Database: database}
	clones, err := control.Answer[[]control.Clone](m.askSealed(ctx, command.Clones, request))
	if err != nil {
		return nil, err
	}
	var urls []*dagger.Secret
	for _, clone := range clones {
		urls = append(urls, dag.SetSecret("stack-"+m.name()+"-"+clone.Database, clone.Inside))
	}
	return urls, nil
}
