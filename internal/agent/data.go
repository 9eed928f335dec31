package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dagger/stack/internal/state"
)

// firstStart marks a data folder whose service has never been healthy: what is in it is half made. A database's
// image takes a folder that holds anything for a finished one, and would never run its init scripts again.
const firstStart = ".stack-first-start"

// dataFolder is what one service has to itself, and outlives the session.
type dataFolder struct {
	path  string
	lock  string   // what is locked: the folder itself, or a file beside it
	mark  string   // the file that says that the first start has not come to its end
	stale []string // files in it that a killed process leaves behind
}

// openData takes each data folder for this agent alone and makes it the service's own.
func (a *agent) openData() error {
	for _, data := range a.Service.Data {
		err := os.MkdirAll(data.Path, 0o755)
		if err == nil {
			_, err = a.openFolder(dataFolder{data.Path, data.Path, filepath.Join(data.Path, firstStart), data.Stale})
		}
		if err == nil {
			err = a.owner().All(data.Path)
		}
		if err != nil {
			return fmt.Errorf("data folder %s: %w", data.Path, err)
		}
	}
	return nil
}

// openFolder takes a folder for this agent alone. emptied: what a first start that did not come to its end has left is gone.
func (a *agent) openFolder(data dataFolder) (emptied bool, err error) {
	lock, err := state.LockFolder(data.lock)
	if errors.Is(err, state.ErrLocked) {
		return false, errors.New("another stack uses it: two servers on one data folder destroy it")
	}
	if err != nil {
		return false, err
	}
	a.locks = append(a.locks, lock)
	a.data = append(a.data, data)
	entries, err := os.ReadDir(data.path)
	if err != nil {
		return false, err
	}
	if _, err := os.Lstat(data.mark); err == nil {
		a.log.Note(fmt.Sprintf("the first start of %s never finished: %s is made anew", a.Service.Name, data.path))
		a.fresh = true
		return true, data.empty(entries)
	}
	if len(entries) > 0 {
		return false, nil
	}
	a.fresh = true
	if err := os.MkdirAll(filepath.Dir(data.mark), 0o755); err != nil {
		return false, err
	}
	return false, os.WriteFile(data.mark, nil, 0o644)
}

// empty removes all but the mark: whoever is killed meanwhile leaves a folder that the next one empties too.
func (d dataFolder) empty(entries []fs.DirEntry) error {
	for _, entry := range entries {
		path := filepath.Join(d.path, entry.Name())
		if path == d.mark {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// settleData: the service was healthy, so its data counts from now on.
func (a *agent) settleData() {
	for _, data := range a.data {
		if err := os.Remove(data.mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
			a.log.Note(err.Error())
		}
	}
	if a.fresh {
		a.noteHooks()
		a.fresh = false
	}
	a.sweepClones()
}
