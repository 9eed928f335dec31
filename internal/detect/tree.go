package detect

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// tree is a project's files, read as they are asked for, and once each.
type tree struct {
	fsys  fs.FS
	lists map[string]listing
	files map[string]string
	err   error // the first failure that is not a missing file: see Project
}

// listing is what a folder holds, sorted.
type listing struct{ files, dirs []string }

func newTree(fsys fs.FS) *tree {
	return &tree{fsys: fsys, lists: map[string]listing{}, files: map[string]string{}}
}

func (t *tree) list(dir string) listing {
	if known, ok := t.lists[dir]; ok {
		return known
	}
	entries, err := fs.ReadDir(t.fsys, dir)
	t.fail(err)
	var found listing
	for _, entry := range entries {
		if entry.IsDir() {
			found.dirs = append(found.dirs, entry.Name())
		} else {
			found.files = append(found.files, entry.Name())
		}
	}
	slices.Sort(found.files)
	slices.Sort(found.dirs)
	t.lists[dir] = found
	return found
}

func (t *tree) read(name string) string {
	if known, ok := t.files[name]; ok {
		return known
	}
	data, err := fs.ReadFile(t.fsys, name)
	t.fail(err)
	text := strings.TrimPrefix(string(data), "\ufeff") // some editors still write one
	t.files[name] = text
	return text
}

func (t *tree) fail(err error) {
	if err != nil && t.err == nil && !errors.Is(err, fs.ErrNotExist) {
		t.err = err
	}
}

// folder is one folder of a tree. The names its methods take are paths below it.
type folder struct {
	tree *tree
	dir  string
}

func (f folder) list() listing { return f.tree.list(f.dir) }

func (f folder) sub(name string) folder { return folder{f.tree, path.Join(f.dir, name)} }

// path is a name as seen from the project's root, for people.
func (f folder) path(name string) string { return path.Join(f.dir, name) }

// has says whether a file is there, without asking for folders that are not.
func (f folder) has(name string) bool {
	return fs.ValidPath(name) && f.within(path.Dir(name)) && slices.Contains(f.sub(path.Dir(name)).list().files, path.Base(name))
}

func (f folder) hasDir(name string) bool {
	return fs.ValidPath(name) && f.within(path.Dir(name)) && slices.Contains(f.sub(path.Dir(name)).list().dirs, path.Base(name))
}

// within says whether a folder below f is there.
func (f folder) within(dir string) bool { return dir == "." || f.hasDir(dir) }

// read is the text of a file, "" when there is none.
func (f folder) read(name string) string {
	if !f.has(name) {
		return ""
	}
	return f.tree.read(f.path(name))
}

// first is the first of several files that is there.
func (f folder) first(names ...string) string {
	for _, name := range names {
		if f.has(name) {
			return name
		}
	}
	return ""
}
