package snapshot

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dagger/stack/internal/agent/backup"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// Kept are backups that stay in a folder, each in one of its name.
type Kept struct {
	Backup spec.Backup
	Folder string
	Run    backup.Run
}

// making is the folder of a backup that is not whole yet. No snapshot can be called that.
const making = ".making"

// Has tells whether there is a snapshot of that name.
func (k Kept) Has(name string) bool {
	_, err := os.Stat(filepath.Join(k.Folder, name, k.Backup.File))
	return err == nil
}

func (k Kept) List(context.Context) (found []protocol.ServiceSnapshot, err error) {
	entries, err := os.ReadDir(k.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if entry.Name() == making {
			continue
		}
		info, err := os.Stat(filepath.Join(k.Folder, entry.Name(), k.Backup.File))
		if err != nil {
			return nil, err
		}
		found = append(found, protocol.ServiceSnapshot{Name: entry.Name(), Time: info.ModTime().UTC(), Size: info.Size()})
	}
	return found, nil
}

func (k Kept) Take(ctx context.Context, name string) (protocol.SnapshotAnswer, error) {
	made := filepath.Join(k.Folder, making)
	defer os.RemoveAll(made)
	if err := errors.Join(os.RemoveAll(made), os.MkdirAll(made, 0o700)); err != nil {
		return protocol.SnapshotAnswer{}, err
	}
	dumped, err := backup.Dump(ctx, k.Backup, made, k.Run)
	if err != nil {
		return protocol.SnapshotAnswer{}, err
	}
	at := filepath.Join(k.Folder, name)
	if err := errors.Join(os.MkdirAll(at, 0o700), os.Rename(filepath.Join(made, k.Backup.File), filepath.Join(at, k.Backup.File))); err != nil {
		return protocol.SnapshotAnswer{}, err
	}
	return protocol.SnapshotAnswer{Snapshots: []protocol.ServiceSnapshot{{Name: name, Size: dumped.Size}}, Notes: dumped.Notes}, nil
}

func (k Kept) Rollback(ctx context.Context, name string) (protocol.SnapshotAnswer, error) {
	if !k.Has(name) {
		found, err := k.List(ctx)
		return protocol.SnapshotAnswer{}, errors.Join(err, missing(name, found))
	}
	notes, err := backup.Restore(ctx, k.Backup, filepath.Join(k.Folder, name), k.Run)
	return protocol.SnapshotAnswer{Notes: notes}, err
}

func (k Kept) Clone(context.Context, string, string, int) (protocol.SnapshotAnswer, error) {
	return protocol.SnapshotAnswer{}, protocol.Errorf(protocol.CodeInvalid, "it is no postgres, and only a postgres has clones")
}

func (k Kept) Drop(_ context.Context, name string, clones bool) (answer protocol.SnapshotAnswer, err error) {
	if clones || !k.Has(name) {
		return answer, nil
	}
	answer.Dropped = []string{k.Backup.File}
	return answer, os.RemoveAll(filepath.Join(k.Folder, name))
}

// Prepare does nothing: a rollback reads what is kept.
func (k Kept) Prepare(context.Context, string) error { return nil }

// Sweep does nothing: there are no clones.
func (k Kept) Sweep(context.Context) error { return nil }

func (k Kept) Close() {}
