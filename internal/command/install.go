package command

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// CopySelf copies this very program. Several may do so at once, and somebody may run or read it meanwhile: so under a
// name of its own first.
func CopySelf(path string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, self)
	if err = errors.Join(err, tmp.Chmod(0o700), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
