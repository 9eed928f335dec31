package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Owner is who files are given to. A process that is not root has nobody else to give files to, and leaves them as they are.
type Owner struct{ UID, GID int }

// One gives one file, folder or link.
func (o Owner) One(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Lchown(path, o.UID, o.GID)
}

// All gives a folder and what is in it, if the folder is not the owner's already: a user's number differs between variants of
// an image.
func (o Owner) All(path string) error {
	info, err := os.Stat(path)
	if err != nil || o.Owns(info) {
		return err
	}
	return filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// A change that changes nothing still copies the file, if it is the image's.
		if info, err := entry.Info(); err != nil || o.Owns(info) {
			return err
		}
		return o.One(path)
	})
}

func rootOwns(info fs.FileInfo) bool { return info.Sys().(*syscall.Stat_t).Uid == 0 }

// Owns tells whether a file is the owner's.
func (o Owner) Owns(info fs.FileInfo) bool {
	stat := info.Sys().(*syscall.Stat_t)
	return int(stat.Uid) == o.UID && int(stat.Gid) == o.GID
}
