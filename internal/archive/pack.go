package archive

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Pack writes an archive of what a folder has.
func Pack(to io.Writer, folder string) error {
	archive := tar.NewWriter(to)
	return errors.Join(archive.AddFS(os.DirFS(folder)), archive.Close())
}

// Count is how many files a folder has, and their size.
func Count(folder string) (files int, bytes int64, err error) {
	err = fs.WalkDir(os.DirFS(folder), ".", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return err
	})
	return files, bytes, err
}
