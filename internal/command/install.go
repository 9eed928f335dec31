package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"dagger/stack/internal/agent/filter"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

// install puts the agent on its volume, and first what it has there: who finds the binary finds all.
func install() error {
	for _, capabilities := range [][]string{nil, spec.DefaultCapabilities} {
		program, err := filter.Compile(capabilities)
		if err != nil {
			return err
		}
		if err := replace(filter.File(layout.Filter, capabilities), 0o600, bytes.NewReader(program)); err != nil {
			return err
		}
	}
	return CopySelf(layout.Agent)
}

// CopySelf copies this very program.
func CopySelf(path string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	return replace(path, 0o700, self)
}

// replace writes a file. Several may do so at once, and somebody may run or read it meanwhile: so under a name of its
// own first.
func replace(path string, mode os.FileMode, from io.Reader) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, from)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
