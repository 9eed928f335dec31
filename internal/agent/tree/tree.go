// Package tree compares and changes folders of source files.
package tree

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/moby/patternmatcher"
)

// Most is how many files a tree may have: its JSON has to fit into one answer of an agent.
const Most = 20000

// Tree is what is in a folder: what each file and symbolic link says, by its path below the folder.
type Tree map[string]string

// Read looks at a folder. skip leaves out what it says yes to, a folder with all that is in it.
func Read(root string, skip func(path string, info fs.FileInfo) bool) (Tree, error) {
	tree := Tree{}
	return tree, tree.read(root, root, skip)
}

// ReadAt looks at some paths of a folder alone, and at what is below them. A path that is not there is left out.
func ReadAt(root string, names []string, skip func(path string, info fs.FileInfo) bool) (Tree, error) {
	tree := Tree{}
	for _, name := range names {
		err := tree.read(root, filepath.Join(root, name), skip)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return tree, err
		}
	}
	return tree, nil
}

func (t Tree) read(root, from string, skip func(path string, info fs.FileInfo) bool) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch {
		case name != "." && skip(name, info):
			if entry.IsDir() {
				return filepath.SkipDir
			}
		case entry.IsDir():
		default:
			if _, known := t[name]; len(t) == Most && !known {
				return fmt.Errorf("more than %d files of source", Most)
			}
			t[name], err = Look(path, info)
		}
		return err
	})
}

// Shared are the permissions of a file or folder that everybody may read. A checkout with umask 077, and a key tool or an editor that
// makes files 0600, mean who else is on the user's machine; in a container there is only the service, which is another user there.
func Shared(mode fs.FileMode) fs.FileMode {
	shared := mode.Perm() | 0o444
	if mode.IsDir() || mode&0o100 != 0 {
		shared |= 0o111
	}
	return shared
}

// Share makes what root has in a folder readable for everybody. What belongs to somebody else is left alone, a folder with all that is
// in it, and so are folders that skip says yes to.
func Share(folder string, skip func(path string) bool) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		shared := Shared(info.Mode())
		switch {
		case entry.IsDir() && (!rootOwns(info) || skip(path)):
			return filepath.SkipDir
		case !rootOwns(info) || !entry.IsDir() && !info.Mode().IsRegular() || shared == info.Mode().Perm():
			return nil
		}
		return os.Chmod(path, info.Mode()&^fs.ModePerm|shared)
	})
}

// Look is what a file says: its kind and permissions, and what is in it.
func Look(path string, info fs.FileInfo) (string, error) {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		return "link " + target, err
	case !info.Mode().IsRegular():
		return "special", nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	digest, err := Digest(file)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%03o %s", Shared(info.Mode()), digest), nil
}

// Digest is a short hash of what is in a file: two files that differ have two.
func Digest(file io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(hash.Sum(nil)[:16]), nil
}

// Digest tells a tree from others.
func (t Tree) Digest() string {
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(hash, "%q %q\n", name, t[name])
	}
	return base64.RawStdEncoding.EncodeToString(hash.Sum(nil)[:16])
}

// Only are those of its files that match one of the patterns.
func (t Tree) Only(patterns []string) (Tree, error) {
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	some := Tree{}
	for name, said := range t {
		match, err := matcher.MatchesOrParentMatches(name)
		if err != nil {
			return nil, err
		}
		if match {
			some[name] = said
		}
	}
	return some, nil
}

// Change is what makes one tree of another, sorted.
type Change struct {
	Added, Changed, Deleted Names
}

// Diff is the change from one tree to another.
func Diff(from, to Tree) (change Change) {
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if was, there := from[name]; !there {
			change.Added = append(change.Added, name)
		} else if was != to[name] {
			change.Changed = append(change.Changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if _, there := to[name]; !there {
			change.Deleted = append(change.Deleted, name)
		}
	}
	return change
}

// All are the paths in a change.
func (c Change) All() []string { return slices.Concat(c.Added, c.Changed, c.Deleted) }

// Written are those that the new tree has.
func (c Change) Written() []string { return slices.Concat(c.Added, c.Changed) }

// Without is the change without some paths.
func (c Change) Without(names []string) Change {
	rest := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(names, name) })
	}
	return Change{rest(c.Added), rest(c.Changed), rest(c.Deleted)}
}

// Matching are those of its paths that match one of the patterns.
func (c Change) Matching(patterns []string) (names []string, err error) {
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	for _, name := range c.All() {
		match, err := matcher.MatchesOrParentMatches(name)
		if err != nil {
			return nil, err
		}
		if match {
			names = append(names, name)
		}
	}
	return names, nil
}
