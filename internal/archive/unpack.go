// Package archive makes tar archives of folders and folders of tar archives.
package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// Unpack writes what an archive has into a folder, and reads the archive to its end. Whoever made the archive gets nothing
// written elsewhere: no name and no symbolic link leads out of the folder. Sockets, pipes and devices are left out.
func Unpack(folder string, from io.Reader) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	archive := tar.NewReader(from)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		if err := unpack(root, header, archive); err != nil {
			return fmt.Errorf("unpack %s: %w", header.Name, err)
		}
	}
	_, err = io.Copy(io.Discard, from) // tar pads its end
	return err
}

func unpack(root *os.Root, header *tar.Header, content io.Reader) error {
	name, mode := path.Clean(header.Name), header.FileInfo().Mode().Perm()
	if name == "." {
		return nil
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return errors.Join(root.MkdirAll(name, 0o755), root.Chmod(name, mode))
	case tar.TypeSymlink:
		return root.Symlink(header.Linkname, name)
	case tar.TypeLink:
		return root.Link(path.Clean(header.Linkname), name)
	case tar.TypeReg:
		file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Chmod(mode), file.Close(), root.Chtimes(name, header.ModTime, header.ModTime))
	}
	return nil
}
