package tree

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// File is what tells a file, folder or link of a container from another without reading it. Containers of images that have a layer in
// common have the same inodes of it.
type File struct {
	Mode     uint32
	UID, GID uint32
	Size     int64  // of a file
	Time     int64  // of a file
	Inode    uint64 // of a file
	Link     string // of a link
}

// Files are those of a container, by their paths without the slash at the front.
type Files map[string]File

// List looks at all files of a container, but for those at some paths and below them.
func List(root string, without []string) (Files, error) {
	files := Files{}
	err := filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, at)
		if err != nil || name == "." {
			return err
		}
		if slices.Contains(without, name) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		file := File{Mode: stat.Mode, UID: stat.Uid, GID: stat.Gid}
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			if file.Link, err = os.Readlink(at); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			file.Size, file.Time, file.Inode = info.Size(), info.ModTime().UnixNano(), stat.Ino
		case !info.IsDir():
			return nil
		}
		files[name] = file
		return nil
	})
	return files, err
}

// Unlike are the names of those that others are not like, or have not at all; folders come before what is in them.
func (f Files) Unlike(others Files) (names []string) {
	for name, file := range f {
		if other, there := others[name]; !there || other != file {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Beyond are the names of those that others have not; what is in a folder comes before it.
func (f Files) Beyond(others Files) (names []string) {
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(f))) {
		if _, there := others[name]; !there {
			names = append(names, name)
		}
	}
	return names
}

// Pack writes an archive of some of a container's files.
func (f Files) Pack(to io.Writer, root string, names []string) error {
	archive := tar.NewWriter(to)
	for _, name := range names {
		if err := f[name].pack(archive, root, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return archive.Close()
}

func (f File) pack(archive *tar.Writer, root, name string) error {
	at := filepath.Join(root, name)
	info, err := os.Lstat(at)
	if err != nil {
		return err
	}
	header, err := tar.FileInfoHeader(info, f.Link)
	if err != nil {
		return err
	}
	header.Name, header.Format = name, tar.FormatPAX
	header.Uname, header.Gname = "", ""
	if err := archive.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	file, err := os.Open(at)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(archive, file)
	return err
}

// Become has a container's files become those of another: without some, the last of them first, and with those of an archive of
// Pack. No path and no symbolic link leads out of it.
func Become(root string, gone []string, from io.Reader) error {
	in, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer in.Close()
	for _, name := range gone {
		if err := in.Remove(name); err != nil && !stays(err) {
			return fmt.Errorf("delete %s: %w", name, err)
		}
	}
	archive := tar.NewReader(from)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = become(in, header, archive)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", header.Name, err)
		}
	}
}

// stays tells whether what cannot be removed may stay: it is gone, or a folder of something that is no file of the container's.
func stays(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.ENOTDIR)
}

func become(root *os.Root, header *tar.Header, content io.Reader) error {
	name, info := strings.TrimSuffix(header.Name, "/"), header.FileInfo()
	old, err := root.Lstat(name)
	if there := err == nil; there && (old.IsDir() != info.IsDir() || old.Mode()&fs.ModeSymlink != 0) {
		if err := root.RemoveAll(name); err != nil {
			return err
		}
	}
	switch header.Typeflag {
	case tar.TypeDir:
		if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	case tar.TypeSymlink:
		return errors.Join(root.Symlink(header.Linkname, name), root.Lchown(name, header.Uid, header.Gid))
	default:
		tmp := path.Join(path.Dir(name), ".stack-image-"+path.Base(name))
		file, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		if err := errors.Join(err, file.Close(), root.Rename(tmp, name)); err != nil {
			return err
		}
	}
	const bits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	return errors.Join(root.Lchown(name, header.Uid, header.Gid), root.Chmod(name, info.Mode()&bits), root.Chtimes(name, header.ModTime, header.ModTime))
}
