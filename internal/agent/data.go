package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// firstStart marks a data folder whose service has never been healthy: what is in it is half made. A database's
// image takes a folder that holds anything for a finished one, and would never run its init scripts again.
const firstStart = ".stack-first-start"

// openData takes each data folder for this agent alone and makes it the service's own.
func (a *agent) openData() error {
	for _, data := range a.Service.Data {
		if err := a.openFolder(data); err != nil {
			return fmt.Errorf("data folder %s: %w", data.Path, err)
		}
	}
	return nil
}

func (a *agent) openFolder(data spec.DataDir) error {
	if err := os.MkdirAll(data.Path, 0o755); err != nil {
		return err
	}
	lock, err := state.LockFolder(data.Path)
	if errors.Is(err, state.ErrLocked) {
		return errors.New("another stack uses it: two servers on one data folder destroy it")
	}
	if err != nil {
		return err
	}
	a.locks = append(a.locks, lock)
	entries, err := os.ReadDir(data.Path)
	if err != nil {
		return err
	}
	marker := filepath.Join(data.Path, firstStart)
	if _, err := os.Lstat(marker); err == nil {
		a.log.Note(fmt.Sprintf("the first start of %s never finished: %s is made anew", a.Service.Name, data.Path))
		a.fresh = true
		for _, entry := range entries {
			// All but the mark: whoever is killed in here leaves a folder that the next one empties too.
			if entry.Name() == firstStart {
				continue
			}
			if err := os.RemoveAll(filepath.Join(data.Path, entry.Name())); err != nil {
				return err
			}
		}
	}
	if len(entries) == 0 {
		a.fresh = true
		if err := os.WriteFile(marker, nil, 0o644); err != nil {
			return err
		}
	}
	return a.ownAll(data.Path)
}

// ownAll gives a folder and what is in it to the service's user, if the folder is not already: its number differs
// between variants of an image.
func (a *agent) ownAll(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if a.owns(info) {
		return nil
	}
	return filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// A change that changes nothing still copies the file, if it is the image's.
		if info, err := entry.Info(); err != nil || a.owns(info) {
			return err
		}
		return a.own(path)
	})
}

func (a *agent) owns(info fs.FileInfo) bool {
	stat := info.Sys().(*syscall.Stat_t)
	return int(stat.Uid) == a.user.UID && int(stat.Gid) == a.user.GID
}

// settleData: the service was healthy, so its data counts from now on.
func (a *agent) settleData() {
	for _, data := range a.Service.Data {
		if err := os.Remove(filepath.Join(data.Path, firstStart)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			a.log.Note(err.Error())
		}
	}
	if a.fresh {
		a.noteHooks()
		a.fresh = false
	}
}

func ownedByRoot(info fs.FileInfo) bool { return info.Sys().(*syscall.Stat_t).Uid == 0 }
