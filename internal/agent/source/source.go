// Package source is the project's own code in a service's container: what of the code the service may change, and how the code
// is changed while the service runs.
package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/spec"
)

// sticky lets everybody create files in a folder and nobody touch another's: as in /tmp.
const sticky = os.ModeSticky | 0o777

// Source is the code of one service. Its agent is root.
type Source struct {
	spec.Source
	owner   tree.Owner
	mutable tree.Tree // files that are the service's to change, as they came
}

// Open lets the service read its source, whatever rights the files have on the host, and create files beside it, if the service is one
// that does: a dev server keeps caches there. The source itself stays root's, as the image has it, unless the user has asked for more.
func Open(of spec.Source, owner tree.Owner) (*Source, error) {
	s := &Source{Source: of, owner: owner, mutable: tree.Tree{}}
	if of.Writable {
		var err error
		if s.mutable, err = s.Read("."); err != nil {
			return nil, err
		}
		return s, owner.All(of.Path)
	}
	if err := Share(of.Path); err != nil || !of.Scratch {
		return s, err
	}
	mutable, err := patternmatcher.New(of.Mutable)
	if err != nil {
		return nil, err
	}
	return s, filepath.WalkDir(of.Path, func(path string, entry fs.DirEntry, err error) error {
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
		name, err := filepath.Rel(of.Path, path)
		if err != nil {
			return err
		}
		if match, err := mutable.MatchesOrParentMatches(name); err != nil || !match {
			return err
		}
		if s.mutable[name], err = tree.Look(path, info); err != nil {
			return err
		}
		return owner.One(path)
	})
}

// Share lets everybody read what root has in a folder, but for installed packages, which no host has given their rights.
func Share(folder string) error { return tree.Share(folder, packages) }

// Lend lets everybody read what root has in a folder, create files beside it, and write to data and logs that a build has left there: what
// runs there was made to be root. In the root of a container that is all but the system's own folders.
func Lend(folder string) error {
	if folder != "/" {
		return lend(folder)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() && name[0] != '.' && !slices.Contains(system, name) {
			if err := lend(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return os.Chmod(folder, sticky)
}

// system are the folders that the root of every container has (the Filesystem Hierarchy Standard), and of the engine.
var system = []string{"bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var", "nix"}

func lend(folder string) error {
	if err := Share(folder); err != nil {
		return err
	}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() && !isData(path) {
			return err
		}
		info, err := entry.Info()
		if err != nil || !ownedByRoot(info) {
			return err
		}
		if info.Mode().IsRegular() {
			return os.Chmod(path, info.Mode().Perm()|0o666)
		}
		if err := os.Chmod(path, sticky); err != nil || !packages(path) {
			return err
		}
		return filepath.SkipDir
	})
}

// isData says whether a file is one that programs write to, by its name.
func isData(path string) bool {
	return slices.Contains([]string{".log", ".db", ".sqlite", ".sqlite3", ".pid"}, filepath.Ext(path))
}

// Astray are the links of the source that lead out of it to where nothing is: what the service is made of is a part of the project.
func (s *Source) Astray() ([]string, error) { return tree.Astray(s.Path, packages) }

func packages(path string) bool {
	return slices.Contains([]string{"node_modules", ".venv", "venv"}, filepath.Base(path))
}

// Read is the code at some paths, "." for all of it, as it lies in the container now: the files of root, and those that the
// service may change as they came, whatever it has made of them.
func (s *Source) Read(at ...string) (tree.Tree, error) {
	found, err := tree.ReadAt(s.Path, at, func(_ string, info fs.FileInfo) bool { return !ownedByRoot(info) })
	if err != nil {
		return nil, err
	}
	for name, was := range s.mutable {
		if slices.ContainsFunc(at, func(path string) bool { return path == "." || name == path || strings.HasPrefix(name, path+"/") }) {
			found[name] = was
		}
	}
	return found, nil
}

// Apply makes a change, whose files are in the folder incoming, with the rights that Open gives.
func (s *Source) Apply(incoming string, change tree.Change) error {
	patterns := s.Mutable
	if s.Writable {
		patterns = []string{"**"}
	}
	mutable, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	for _, name := range change.Deleted {
		delete(s.mutable, name)
	}
	return tree.Apply(s.Path, incoming, change, func(root *os.Root, at, name string, info fs.FileInfo) error {
		switch {
		case s.Writable && info.IsDir():
			return root.Lchown(at, s.owner.UID, s.owner.GID)
		case !s.Writable && !s.Scratch:
			return nil
		case info.IsDir():
			return root.Chmod(at, sticky)
		}
		match, err := mutable.MatchesOrParentMatches(name)
		if err != nil || !match {
			return err
		}
		if s.mutable[name], err = tree.Look(filepath.Join(incoming, name), info); err != nil {
			return err
		}
		return root.Lchown(at, s.owner.UID, s.owner.GID)
	})
}

func ownedByRoot(info fs.FileInfo) bool { return info.Sys().(*syscall.Stat_t).Uid == 0 }
