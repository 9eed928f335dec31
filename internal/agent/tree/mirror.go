package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// Mirror makes files and folders like others. What is the same already is left alone: much of a build is, and a file of an image
// is copied by whoever touches it.
type Mirror struct {
	Keep bool // what the other does not have stays
	// Skip are files that are left alone. Of folders for which it says yes only what is in them is looked at, and what the other
	// does not have there stays.
	Skip func(info fs.FileInfo) bool
}

// Make makes one file or folder like another of the same name, which has to be there. As in Apply, no path and no symbolic link leads
// elsewhere.
func (m Mirror) Make(to, from string) error {
	name := filepath.Base(from)
	if filepath.Base(to) != name {
		return fmt.Errorf("%s cannot become %s: it has another name", to, from)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	target, err := os.OpenRoot(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer target.Close()
	source, err := os.OpenRoot(filepath.Dir(from))
	if err != nil {
		return err
	}
	defer source.Close()
	run := mirroring{m, applier{target, source, How{Named: itself, Own: func(root *os.Root, at, _ string, info fs.FileInfo) error { return give(root, at, info) }}}}
	info, err := source.Lstat(name)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		run.Skip = func(fs.FileInfo) bool { return false } // it was named
	}
	return run.entry(name, info)
}

type mirroring struct {
	Mirror
	applier
}

func (m mirroring) entry(name string, is fs.FileInfo) error {
	if is.IsDir() {
		return m.folder(name, is)
	}
	if m.Skip(is) || !is.Mode().IsRegular() && is.Mode()&fs.ModeSymlink == 0 {
		return nil
	}
	was, err := m.root.Lstat(name)
	if err == nil && m.same(name, was, is) {
		return nil
	}
	if err := m.write(name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if is.Mode().IsRegular() {
		return m.root.Chtimes(name, is.ModTime(), is.ModTime())
	}
	return nil
}

func (m mirroring) folder(name string, is fs.FileInfo) error {
	was, err := m.root.Lstat(name)
	if err == nil && !was.IsDir() {
		if err := m.root.Remove(name); err != nil {
			return err
		}
	}
	made := err != nil || !was.IsDir()
	if made {
		if err := m.root.Mkdir(name, 0o755); err != nil {
			return err
		}
	}
	if skipped := m.Skip(is); made || !skipped && !alike(was, is) {
		if err := give(m.root, name, is); err != nil {
			return err
		}
	}
	entries, err := fs.ReadDir(m.from.FS(), name)
	if err != nil {
		return err
	}
	if !m.Keep && !m.Skip(is) {
		if err := m.clear(name, entries); err != nil {
			return err
		}
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil {
			err = m.entry(path.Join(name, entry.Name()), info)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clear removes what a folder has beside these.
func (m mirroring) clear(folder string, entries []fs.DirEntry) error {
	wanted := map[string]bool{}
	for _, entry := range entries {
		wanted[entry.Name()] = true
	}
	there, err := fs.ReadDir(m.root.FS(), folder)
	if err != nil {
		return err
	}
	for _, entry := range there {
		if !wanted[entry.Name()] {
			if err := m.root.RemoveAll(path.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// give gives a file or folder the rights and the owner of another.
func give(root *os.Root, at string, info fs.FileInfo) error {
	if os.Getuid() == 0 {
		stat := info.Sys().(*syscall.Stat_t)
		if err := root.Lchown(at, int(stat.Uid), int(stat.Gid)); err != nil {
			return err
		}
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil
	}
	return root.Chmod(at, info.Mode()&(fs.ModePerm|fs.ModeSticky))
}

// alike: kind, rights and owner are the same.
func alike(a, b fs.FileInfo) bool {
	return a.Mode() == b.Mode() && Owner{int(a.Sys().(*syscall.Stat_t).Uid), int(a.Sys().(*syscall.Stat_t).Gid)}.Owns(b)
}

// same tells whether two files are alike, and say the same.
func (m mirroring) same(name string, was, is fs.FileInfo) bool {
	if !alike(was, is) {
		return false
	}
	if is.Mode()&fs.ModeSymlink != 0 {
		a, errA := m.root.Readlink(name)
		b, errB := m.from.Readlink(name)
		return errA == nil && errB == nil && a == b
	}
	if was.Size() != is.Size() {
		return false
	}
	a, err := m.root.Open(name)
	if err != nil {
		return false
	}
	defer a.Close()
	b, err := m.from.Open(name)
	if err != nil {
		return false
	}
	defer b.Close()
	return equal(a, b)
}

func equal(a, b io.Reader) bool {
	var one, other [32 << 10]byte
	for {
		n, errA := io.ReadFull(a, one[:])
		k, errB := io.ReadFull(b, other[:])
		if n != k || !bytes.Equal(one[:n], other[:k]) {
			return false
		}
		if errA != nil || errB != nil {
			return (errors.Is(errA, io.EOF) || errors.Is(errA, io.ErrUnexpectedEOF)) && (errors.Is(errB, io.EOF) || errors.Is(errB, io.ErrUnexpectedEOF))
		}
	}
}
