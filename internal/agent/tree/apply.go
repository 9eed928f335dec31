package tree

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Apply makes a change in a folder, with the new files of another. Whoever else may write to the folder gets it to
// write nowhere else: no path and no symbolic link leads out of it. A file is replaced whole.
func Apply(folder, incoming string, change Change, own Own) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	from, err := os.OpenRoot(incoming)
	if err != nil {
		return err
	}
	defer from.Close()
	return ApplyIn(root, from, change, How{Own: own})
}

// How says how a change is made; each of it may be nil.
type How struct {
	Own   Own
	Named func(name string) string // what a new file is called where it comes from
	Keeps func(folder string) bool // a folder stays though nothing is in it any more
}

// ApplyIn is Apply in folders that are open.
func ApplyIn(root, from *os.Root, change Change, how How) error {
	if how.Own == nil {
		how.Own = func(*os.Root, string, string, fs.FileInfo) error { return nil }
	}
	if how.Named == nil {
		how.Named = itself
	}
	if how.Keeps == nil {
		how.Keeps = func(string) bool { return false }
	}
	a := applier{root, from, how}
	for _, name := range change.Deleted {
		if err := a.delete(name); err != nil {
			return fmt.Errorf("delete %s: %w", name, err)
		}
	}
	for _, name := range change.Written() {
		if err := a.write(name); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// Own may give away what was made for name, which lies at another path for now.
type Own func(root *os.Root, at, name string, info fs.FileInfo) error

func itself(name string) string { return name }

type applier struct {
	root, from *os.Root
	How
}

// delete removes a file, and the folders that are empty without it.
func (a applier) delete(name string) error {
	if err := a.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(name); dir != "." && !a.Keeps(dir); dir = path.Dir(dir) {
		if a.root.Remove(dir) != nil { // not empty
			return nil
		}
	}
	return nil
}

func (a applier) write(name string) error {
	if err := a.folders(path.Dir(name)); err != nil {
		return err
	}
	info, err := a.from.Lstat(a.Named(name))
	if err != nil {
		return err
	}
	if old, err := a.root.Lstat(name); err == nil && old.IsDir() {
		if err := a.root.RemoveAll(name); err != nil {
			return err
		}
	}
	tmp := path.Join(path.Dir(name), ".stack-sync-"+rand.Text()[:8])
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := a.from.Readlink(a.Named(name))
		if err != nil {
			return err
		}
		err = a.root.Symlink(target, tmp)
		if err != nil {
			return err
		}
	} else if err := a.copy(name, tmp, Shared(info.Mode())); err != nil {
		a.root.Remove(tmp)
		return err
	}
	if err := a.Own(a.root, tmp, name, info); err != nil {
		a.root.Remove(tmp)
		return err
	}
	return a.root.Rename(tmp, name)
}

// folders makes a folder and those above it. What stands in their place goes.
func (a applier) folders(dir string) error {
	if dir == "." {
		return nil
	}
	if info, err := a.root.Lstat(dir); err == nil && info.IsDir() {
		return nil
	} else if err == nil {
		if err := a.root.Remove(dir); err != nil {
			return err
		}
	}
	if err := a.folders(path.Dir(dir)); err != nil {
		return err
	}
	if err := a.root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	info, err := a.root.Lstat(dir)
	if err != nil {
		return err
	}
	return a.Own(a.root, dir, dir, info)
}

func (a applier) copy(name, tmp string, mode fs.FileMode) error {
	source, err := a.from.Open(a.Named(name))
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := a.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Chmod(mode), target.Close())
}
