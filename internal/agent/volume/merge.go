package volume

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"dagger/stack/internal/agent/tree"
)

// bind is the two sides of one: no path and no symbolic link leads out of either.
type bind struct {
	data, from *os.Root
	source     string // path on the volume
	name       string // path in from
}

func (v Volume) open(source, from string) (b bind, err error) {
	b.source, b.name = strings.TrimPrefix(path.Join("/", source), "/"), filepath.Base(from)
	if b.source == "" {
		b.source = "."
	}
	if err := v.Make(""); err != nil {
		return b, err
	}
	if b.data, err = os.OpenRoot(v.Path("")); err != nil {
		return b, err
	}
	if b.from, err = os.OpenRoot(filepath.Dir(from)); errors.Is(err, fs.ErrNotExist) {
		return b, nil // no bind of the service has a source
	}
	return b, err
}

func (b bind) Close() {
	b.data.Close()
	if b.from != nil {
		b.from.Close()
	}
}

func (b bind) read(from string) (tree.Tree, error) {
	found := tree.Tree{}
	err := filepath.WalkDir(from, func(at string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, at)
		if err != nil {
			return err
		}
		said, err := describe(b.from, path.Join(b.name, name))
		if said != "" {
			found[name] = said
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return tree.Tree{".": folderOfNone}, nil
	}
	return found, err
}

// elsewhere is what lies behind a link that leads out of a root.
const elsewhere = "elsewhere"

// describe is what a file, folder or link is; "" if there is none, or something else.
func describe(root *os.Root, name string) (string, error) {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return "", nil
	}
	if err != nil {
		if errno := syscall.Errno(0); !errors.As(err, &errno) { // not of the kernel, but of the root
			return elsewhere, nil
		}
		return "", err
	}
	stat := info.Sys().(*syscall.Stat_t)
	owner := fmt.Sprintf("%d:%d", stat.Uid, stat.Gid)
	switch {
	case info.IsDir():
		return fmt.Sprintf("folder %o %s", stat.Mode&0o7777, owner), nil
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := root.Readlink(name)
		return fmt.Sprintf("link %s %s", owner, target), err
	case !info.Mode().IsRegular():
		return "", nil
	}
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	digest, err := tree.Digest(file)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("file %o %s %s", stat.Mode&0o7777, owner, digest), nil
}

func isFolder(said string) bool { return strings.HasPrefix(said, "folder ") }

// merge makes of what was brought before what is there now, where the service has left it as it was.
func (b bind) merge(before, now tree.Tree) (kept []string, err error) {
	kept = []string{}
	change := tree.Diff(before, now)
	slices.Reverse(change.Deleted) // what is in a folder comes after it
	for _, name := range slices.Concat(change.Deleted, slices.Sorted(slices.Values(change.Written()))) {
		is, err := describe(b.data, path.Join(b.source, name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		switch {
		case is == now[name]:
			continue
		case is != before[name]:
			if !isFolder(is) || !isFolder(now[name]) && now[name] != "" {
				kept = append(kept, name)
			}
			continue
		}
		done, err := b.bring(name, now[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !done {
			kept = append(kept, name)
		}
	}
	return kept, nil
}

// bring makes one file, folder or link what it is in the project. It is not done where the service has files in a folder that
// would go, or a file where a folder is needed.
func (b bind) bring(name, said string) (done bool, err error) {
	at := path.Join(b.source, name)
	if said == "" {
		return removed(b.data.Remove(at))
	}
	if err := b.data.MkdirAll(path.Dir(at), 0o755); err != nil {
		return false, ignoreInTheWay(err)
	}
	info, err := b.info(name)
	none := name == "." && errors.Is(err, fs.ErrNotExist)
	if err != nil && !none {
		return false, err
	}
	if none || info.IsDir() {
		if err := b.clear(at); err != nil {
			return false, err
		}
	}
	if none {
		return true, b.data.MkdirAll(at, 0o755)
	}
	if info.IsDir() {
		if err := b.data.Mkdir(at, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return false, err
		}
		return true, own(b.data, at, info)
	}
	if old, err := b.data.Lstat(at); err == nil && old.IsDir() {
		if done, err := removed(b.data.Remove(at)); !done {
			return false, err
		}
	}
	if name == "." && info.Mode().IsRegular() {
		if done, err := b.overwrite(at, info); done || err != nil {
			return done, err
		}
	}
	return true, b.replace(path.Join(b.name, name), at, info)
}

// info is of a file, folder or link of the project.
func (b bind) info(name string) (fs.FileInfo, error) {
	if b.from == nil {
		return nil, fs.ErrNotExist
	}
	return b.from.Lstat(path.Join(b.name, name))
}

// clear takes away what is in the place of a folder and is none.
func (b bind) clear(at string) error {
	if old, err := b.data.Lstat(at); err != nil || old.IsDir() {
		return nil //nolint:nilerr // nothing is in the way
	}
	return b.data.Remove(at)
}

// overwrite writes a file that is a bind itself, if there is one: a process that has it mounted sees no other in its place.
func (b bind) overwrite(at string, info fs.FileInfo) (done bool, err error) {
	target, err := b.data.OpenFile(at, os.O_WRONLY|os.O_TRUNC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := b.pour(b.name, target); err != nil {
		return false, err
	}
	return true, own(b.data, at, info)
}

// removed tells whether a path is gone. A folder that holds what the service wrote stays.
func removed(err error) (bool, error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.EBUSY):
		return false, nil
	}
	return err == nil, err
}

func ignoreInTheWay(err error) error {
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// replace puts a file or link in the place of another, whole.
func (b bind) replace(from, at string, info fs.FileInfo) error {
	tmp := path.Join(path.Dir(at), ".stack-bind-"+rand.Text()[:8])
	err := b.copy(from, tmp, info)
	if err == nil {
		err = own(b.data, tmp, info)
	}
	if err == nil {
		err = b.data.Rename(tmp, at)
	}
	if err != nil {
		b.data.Remove(tmp)
	}
	return err
}

func (b bind) copy(from, to string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := b.from.Readlink(from)
		if err != nil {
			return err
		}
		return b.data.Symlink(target, to)
	}
	target, err := b.data.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return b.pour(from, target)
}

// pour writes what is in a file of the project into another, and closes that.
func (b bind) pour(from string, target *os.File) error {
	source, err := b.from.Open(from)
	if err == nil {
		_, err = io.Copy(target, source)
		err = errors.Join(err, source.Close())
	}
	return errors.Join(err, target.Close())
}

// own gives a path owner, mode and time of another.
func own(root *os.Root, at string, info fs.FileInfo) error {
	stat := info.Sys().(*syscall.Stat_t)
	if err := root.Lchown(at, int(stat.Uid), int(stat.Gid)); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil
	}
	const bits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	if err := root.Chmod(at, info.Mode()&bits); err != nil {
		return err
	}
	return root.Chtimes(at, info.ModTime(), info.ModTime())
}
