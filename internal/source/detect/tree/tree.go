// Package tree is a project's files, as detection reads them.
//
// The project lies in the engine, where every listing and every file is a call. So nothing is walked, each folder is
// listed and each file read at most once, and only where a listing says that it is there.
package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/text"
)

// Tree is all files of a project.
type Tree struct {
	// Err is the first failure that is not a missing file. What was concluded from the files then counts for nothing.
	Err    error
	fsys   fs.FS
	ignore []string
	lists  map[string]Listing
	files  map[string]string
}

// Listing is what a folder holds, sorted.
type Listing struct{ Files, Dirs []string }

// New makes a tree. The patterns of ignore name what is not the project's own.
func New(fsys fs.FS, ignore []string) *Tree {
	return &Tree{fsys: fsys, ignore: ignore, lists: map[string]Listing{}, files: map[string]string{}}
}

// Root is the project's folder.
func (t *Tree) Root() Folder { return Folder{t, "."} }

func (t *Tree) list(dir string) Listing {
	if known, ok := t.lists[dir]; ok {
		return known
	}
	entries, err := fs.ReadDir(t.fsys, dir)
	t.fail(err)
	var found Listing
	for _, entry := range entries {
		if entry.IsDir() {
			found.Dirs = append(found.Dirs, entry.Name())
		} else {
			found.Files = append(found.Files, entry.Name())
		}
	}
	slices.Sort(found.Files)
	slices.Sort(found.Dirs)
	t.lists[dir] = found
	return found
}

func (t *Tree) read(name string) string {
	if known, ok := t.files[name]; ok {
		return known
	}
	data, err := fs.ReadFile(t.fsys, name)
	t.fail(err)
	text := strings.TrimPrefix(string(data), "\ufeff") // some editors still write a byte order mark
	t.files[name] = text
	return text
}

func (t *Tree) fail(err error) {
	if err != nil && t.Err == nil && !errors.Is(err, fs.ErrNotExist) {
		t.Err = err
	}
}

// Folder is one folder of a tree. The names that its methods take are paths below the folder.
type Folder struct {
	tree *Tree
	Dir  string // as seen from the project's root
}

// List is what the folder holds.
func (f Folder) List() Listing { return f.tree.list(f.Dir) }

// Sub is a folder below.
func (f Folder) Sub(name string) Folder { return Folder{f.tree, path.Join(f.Dir, name)} }

// At is another folder of the same tree, as seen from the project's root.
func (f Folder) At(dir string) Folder { return Folder{f.tree, path.Clean(dir)} }

// Contains says whether a path, as seen from the project's root, is the folder itself or lies in it.
func (f Folder) Contains(full string) bool { return inside(f.Dir, full) }

// inside says whether a path is a folder or lies in it.
func inside(dir, full string) bool {
	if dir == "." {
		return full != ".." && !strings.HasPrefix(full, "../")
	}
	return full == dir || strings.HasPrefix(full, dir+"/")
}

// Relative is a path below a folder as seen from that folder.
func Relative(dir, full string) string {
	if dir == full {
		return "."
	}
	if dir == "." {
		return full
	}
	return strings.TrimPrefix(full, dir+"/")
}

// Beginning is the folder of a pattern before its first wildcard; wild is false for a path without one, which is that folder itself.
func Beginning(pattern string) (dir string, wild bool) {
	at := strings.IndexAny(pattern, "*?[{")
	if at < 0 {
		return pattern, false
	}
	return path.Dir(pattern[:at] + "x"), true
}

// Path is a name as seen from the project's root, for people.
func (f Folder) Path(name string) string { return path.Join(f.Dir, name) }

// Has says whether a file is there. Folders that are not there are not asked for.
func (f Folder) Has(name string) bool {
	return fs.ValidPath(name) && f.within(path.Dir(name)) && slices.Contains(f.Sub(path.Dir(name)).List().Files, path.Base(name))
}

// HasDir says whether a folder is there.
func (f Folder) HasDir(name string) bool {
	return fs.ValidPath(name) && f.within(path.Dir(name)) && slices.Contains(f.Sub(path.Dir(name)).List().Dirs, path.Base(name))
}

func (f Folder) within(dir string) bool { return dir == "." || f.HasDir(dir) }

// Read is the text of a file, "" when there is none.
func (f Folder) Read(name string) string {
	if !f.Has(name) {
		return ""
	}
	return f.tree.read(f.Path(name))
}

// First is the first of several files that is there, "" when none is.
func (f Folder) First(names ...string) string {
	for _, name := range names {
		if f.Has(name) {
			return name
		}
	}
	return ""
}

// Ignores says whether a name is one that the tree's patterns name everywhere, or git's own.
func (f Folder) Ignores(name string) bool {
	return name == ".git" || slices.Contains(f.tree.ignore, "**/"+name)
}

// Quoted is the folder's name in a sentence.
func (f Folder) Quoted() string {
	if f.Dir == "." {
		return "the root of the project"
	}
	return fmt.Sprintf("%q", f.Dir)
}

// Found is the folder's content in a sentence.
func (f Folder) Found() string {
	names := f.Visible()
	const most = 12
	if len(names) > most {
		names = append(names[:most:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return text.And(names)
}

// Visible is what a user calls the content of the folder: no .git, no node_modules.
func (f Folder) Visible() []string {
	var names []string
	for _, dir := range f.List().Dirs {
		if !f.Ignores(dir) {
			names = append(names, dir+"/")
		}
	}
	for _, file := range f.List().Files {
		if !f.Ignores(file) {
			names = append(names, file)
		}
	}
	return names
}

// Outside is the error for a path in a manifest that leads out of the folder that a build sees, nil when it does not.
func Outside(manifest, buildDir, name string) error {
	if inside(buildDir, path.Join(path.Dir(manifest), name)) && !path.IsAbs(name) {
		return nil
	}
	return fmt.Errorf("%s needs %s, which is outside of %s, and a build sees nothing else: move it in, or add a Dockerfile that copies it",
		manifest, name, Folder{Dir: buildDir}.Quoted())
}
