// Package volume prepares what a service has mounted: a volume, which begins with what the image has at its place, and a
// bind, which follows the project's files and keeps what the service wrote.
//
// On a volume the files are in a folder of their own, so that a database's image finds that empty which is:
//
//	data/              what the service sees; of a bind at its path in the project
//	lock               held while the files are prepared
//	copying            that a copy of the image's files was not finished
//	exclusive/PATH     locked by the service that has the files to itself
//	first-start/PATH   that the service which has the files to itself was never healthy
//	uploads/PATH.json  the project's files as they were when they were brought last
package volume

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	continuity "github.com/containerd/continuity/fs"
)

// Volume is where one is mounted.
type Volume struct{ root string }

// At is the volume mounted at root.
func At(root string) Volume { return Volume{root} }

// Path is where what is called name on the volume lies; "" is all of it.
func (v Volume) Path(name string) string {
	return filepath.Join(v.root, "data", filepath.Join("/", name))
}

// FirstStart is the mark of a first start that has not come to its end.
func (v Volume) FirstStart(name string) string { return v.beside("first-start", name, "") }

// ExclusiveFile is the file that is locked by who has what is called name to itself.
func (v Volume) ExclusiveFile(name string) (string, error) {
	path := v.beside("exclusive", name, "")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	file, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	return path, file.Close()
}

// beside is a file beside the data that belongs to what is called name.
func (v Volume) beside(folder, name, suffix string) string {
	return filepath.Join(v.root, folder, url.PathEscape(filepath.Join("/", name))+suffix)
}

// Lock is held while the volume's files are prepared: services that share a volume come at once. It ends with the file.
func (v Volume) Lock() (*os.File, error) {
	if err := os.MkdirAll(v.root, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(v.root, "lock"), os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// Make makes the folder of a name, as Docker makes that of a volume.
func (v Volume) Make(name string) error { return os.MkdirAll(v.Path(name), 0o755) }

// CopyUp copies what the image has at a path onto a volume that holds nothing, with owners, modes, times and links, as Docker
// does (moby daemon/create_unix.go, populateVolume). Its caller has the lock.
func (v Volume) CopyUp(image string) error {
	image, err := filepath.EvalSymlinks(image)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info, err := os.Stat(image); err != nil || !info.IsDir() {
		return err
	}
	entries, err := os.ReadDir(v.Path(""))
	if err != nil {
		return err
	}
	mark := filepath.Join(v.root, "copying")
	if _, err := os.Lstat(mark); err != nil && len(entries) > 0 {
		return nil
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	if err := continuity.CopyDir(v.Path(""), image, continuity.WithXAttrErrorHandler(ignoreUnsupported)); err != nil {
		return err
	}
	return os.Remove(mark)
}

// ignoreUnsupported is for extended attributes that the volume's file system cannot keep.
func ignoreUnsupported(_, _, _ string, err error) error {
	if errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
