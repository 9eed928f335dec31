package agent

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/agent/tree"
)

// sticky lets everybody create files in a folder and nobody touch another's: as in /tmp.
const sticky = os.ModeSticky | 0o777

// openSource lets the service create files beside its source, if it is one that does: a dev server keeps caches
// there. The source itself stays root's, as the image has it, unless the user has asked for more.
func (a *agent) openSource() error {
	source := a.Service.Source
	if source == nil || os.Getuid() != 0 {
		return nil
	}
	a.mutable = tree.Tree{}
	if source.Writable {
		var err error
		if a.mutable, err = a.readSource(); err != nil {
			return err
		}
		return a.ownAll(source.Path)
	}
	if !source.Scratch {
		return nil
	}
	mutable, err := patternmatcher.New(source.Mutable)
	if err != nil {
		return err
	}
	return filepath.WalkDir(source.Path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if ownedByRoot(info) {
				return os.Chmod(path, sticky)
			}
			return filepath.SkipDir // the service's own, e.g. node_modules
		}
		name, err := filepath.Rel(source.Path, path)
		if err != nil {
			return err
		}
		if match, err := mutable.MatchesOrParentMatches(name); err != nil || !match {
			return err
		}
		if a.mutable[name], err = tree.Look(path, info); err != nil {
			return err
		}
		return a.own(path)
	})
}
