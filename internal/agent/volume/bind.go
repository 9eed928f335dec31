package volume

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"dagger/stack/internal/agent/tree"
)

// upload is the project's files of one bind, as they were.
type upload struct {
	Stamp string    // another one where any file may be another
	Tree  tree.Tree // folders too; "." is the bind's file or folder itself
}

// folderOfNone is a source that the project does not have: an empty folder, as Docker makes one.
const folderOfNone = "folder 755 0:0"

// Brought is what has changed in the project since the time before. Its files are in the bind now, but for those of Kept: these
// have changed in both, and are as the service has them.
type Brought struct {
	tree.Change
	Kept []string
}

// Bring brings what has changed in the project since the last time to a bind's files, and leaves what the service has changed
// as the service has it. from is the project's file or folder as it is now, which need not exist. If there are paths, from has these of it
// alone, and only they, and what is below them, are looked at. The caller has the lock.
func (v Volume) Bring(source, from string, at ...string) (brought Brought, err error) {
	record := v.beside("uploads", source, ".json")
	before, err := readUpload(record)
	if err != nil {
		return brought, err
	}
	var stamp string // of some of it there is none: all is read the next time
	if len(at) == 0 {
		if stamp, err = stampOf(from); err != nil || before.Tree != nil && before.Stamp == stamp {
			return brought, err
		}
	}
	b, err := v.open(source, from)
	if err != nil {
		return brought, err
	}
	defer b.Close()
	now, err := b.read(from)
	if err != nil {
		return brought, err
	}
	was, rest := split(before.Tree, at)
	now, _ = split(now, at)
	kept, err := b.merge(was, now)
	if err != nil {
		return brought, err
	}
	maps.Copy(rest, now)
	brought.Kept = kept
	if before.Tree != nil { // nobody has edited what was never brought: the service's agent would have brought it a moment later
		brought.Change = files(was, now, kept)
	}
	return brought, writeUpload(record, upload{stamp, rest})
}

// split parts a tree in what is at some paths or below them, all of it if there are none, and the rest.
func split(t tree.Tree, at []string) (some, rest tree.Tree) {
	some, rest = tree.Tree{}, tree.Tree{}
	for name, said := range t {
		if len(at) == 0 || slices.ContainsFunc(at, func(path string) bool {
			return path == "." || name == path || strings.HasPrefix(name, path+"/")
		}) {
			some[name] = said
		} else {
			rest[name] = said
		}
	}
	return some, rest
}

// files are the changed paths of a project that are no folders and were not kept out.
func files(before, now tree.Tree, kept []string) tree.Change {
	change := tree.Diff(before, now)
	only := func(names []string, in tree.Tree) []string {
		return slices.DeleteFunc(names, func(name string) bool { return isFolder(in[name]) || slices.Contains(kept, name) })
	}
	return tree.Change{Added: only(change.Added, now), Changed: only(change.Changed, now), Deleted: only(change.Deleted, before)}
}

// Forget makes the next Bring the first.
func (v Volume) Forget(source string) error {
	err := os.Remove(v.beside("uploads", source, ".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func readUpload(path string) (u upload, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &u)
	}
	return u, err
}

func writeUpload(path string, u upload) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// stampOf is of what tells files apart without reading them. The time of the last change of an inode is the kernel's own.
func stampOf(from string) (string, error) {
	hash := sha256.New()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		fmt.Fprintln(hash, name, info.Mode(), stat.Size, stat.Ino, stat.Mtim, stat.Ctim, stat.Uid, stat.Gid)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return "none", nil
	}
	return base64.RawStdEncoding.EncodeToString(hash.Sum(nil)), err
}
