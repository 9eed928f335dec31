package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	continuity "github.com/containerd/continuity/fs"

	"dagger/stack/internal/spec"
)

// writeFiles has the service's files there before a start, anew.
func (a *agent) writeFiles() error {
	for i, file := range a.Service.Files {
		path := file.Path
		if a.isolated() {
			path = a.staged(i)
		}
		if err := a.writeFile(i, file, path); err != nil {
			return fmt.Errorf("write %s: %w", file.Path, err)
		}
		if file.Link != "" {
			if err := errors.Join(os.RemoveAll(file.Link), os.Symlink(file.Path, file.Link)); err != nil {
				return err
			}
		}
	}
	return nil
}

// staged is where a file is that is mounted for the process.
func (a *agent) staged(i int) string { return filepath.Join(a.Isolation.Files, strconv.Itoa(i)) }

// writeFile makes a file that, unless it says otherwise, the service's user alone can read.
func (a *agent) writeFile(i int, file spec.File, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if file.Source != "" {
		return a.copySource(i, file, path)
	}
	content, err := a.render.Render(file.Content)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(content), 0o400); err != nil {
		return err
	}
	return a.giveFile(file, path)
}

// copySource copies a file, or a folder, of the project.
func (a *agent) copySource(i int, file spec.File, path string) error {
	if a.Isolation == nil {
		return errors.New("a file of the project cannot be had: the engine forbids privileged services")
	}
	source := filepath.Join(a.Isolation.Sources, strconv.Itoa(i))
	info, err := os.Stat(source)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the project has no %s", file.Source)
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return continuity.CopyDir(path, source)
	}
	if err := continuity.CopyFile(path, source); err != nil {
		return err
	}
	if file.Mode == nil {
		mode := uint32(info.Mode().Perm())
		file.Mode = &mode
	}
	return a.giveFile(file, path)
}

// giveFile gives a file its owner and mode. An agent that is not root has nobody else to give the file to.
func (a *agent) giveFile(file spec.File, path string) error {
	mode, uid, gid := uint32(0o400), a.user.UID, a.user.GID
	if file.UID != nil {
		uid = *file.UID
	}
	if file.GID != nil {
		gid = *file.GID
	}
	if file.Mode != nil {
		mode = *file.Mode
	}
	if os.Getuid() == 0 {
		if err := os.Lchown(path, uid, gid); err != nil {
			return err
		}
	}
	return os.Chmod(path, fs.FileMode(mode)&fs.ModePerm)
}
