package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/agent/volume"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// openMounts prepares what lies over the image's files. The mounts themselves are made for each process.
func (a *agent) openMounts() error {
	if !a.isolated() {
		return nil
	}
	for i, m := range a.Service.Container.Mounts {
		mount, err := a.openMount(i, m)
		if err != nil {
			return fmt.Errorf("%s at %s: %w", m.Type, m.Target, err)
		}
		mount.Target, mount.ReadOnly = m.Target, m.ReadOnly
		a.mounts = append(a.mounts, mount)
	}
	if err := a.mountHostname(); err != nil {
		return err
	}
	for i, file := range a.Service.Files {
		a.mounts = append(a.mounts, process.Mount{Source: a.staged(i), Target: file.Path, ReadOnly: true})
	}
	return nil
}

// mountHostname has the file of the host name say what the host name is, unless the service mounts another.
func (a *agent) mountHostname() error {
	const target = "/etc/hostname"
	if slices.ContainsFunc(a.mounts, func(m process.Mount) bool { return filepath.Clean(m.Target) == target }) {
		return nil
	}
	path := filepath.Join(a.Isolation.Files, "hostname")
	a.mounts = append(a.mounts, process.Mount{Source: path, Target: target})
	return errors.Join(os.MkdirAll(a.Isolation.Files, 0o700), os.WriteFile(path, []byte(a.hostname()+"\n"), 0o644))
}

func (a *agent) openMount(i int, m spec.Mount) (process.Mount, error) {
	if !a.mountable(m.Target) {
		return process.Mount{}, errors.New("nothing can be mounted there: want a path of the container that is neither in /proc nor the stack's own")
	}
	if m.Type == spec.MountTmpfs {
		return process.Mount{Options: tmpfsOptions(m)}, nil
	}
	if m.Type == spec.MountImage {
		return process.Mount{Source: filepath.Join(a.Isolation.Binds, strconv.Itoa(i))}, nil
	}
	v := volume.At(filepath.Join(a.Isolation.Volumes, filepath.Base(m.Volume())))
	lock, err := v.Lock()
	if err != nil {
		return process.Mount{}, err
	}
	defer lock.Close()
	if err := v.Make(""); err != nil {
		return process.Mount{}, err
	}
	if m.Type == spec.MountBind {
		return process.Mount{Source: v.Path(m.Source), Owned: !m.Exclusive}, a.openBind(v, i, m)
	}
	return process.Mount{Source: v.Path(m.Subpath)}, a.openVolume(v, m)
}

// mountable tells whether something may be mounted at a path. A link of the image must not lead to the agent's files: what is at
// the path is copied into an empty volume.
func (a *agent) mountable(target string) bool {
	if !filepath.IsAbs(target) {
		return false
	}
	there := filepath.Clean(target)
	for {
		resolved, err := filepath.EvalSymlinks(there)
		if err == nil {
			rest, _ := filepath.Rel(there, filepath.Clean(target))
			there = filepath.Join(resolved, rest)
			break
		}
		there = filepath.Dir(there)
	}
	for _, folder := range append([]string{"/proc"}, a.Isolation.Hide...) {
		if inside(there, folder) || inside(target, folder) {
			return false
		}
	}
	return true
}

func (a *agent) openVolume(v volume.Volume, m spec.Mount) error {
	if m.Exclusive {
		if _, err := a.openExclusive(v, m.Subpath, m); err != nil {
			return err
		}
	}
	if !m.NoCopy && m.Subpath == "" {
		if err := v.CopyUp(m.Target); err != nil {
			return fmt.Errorf("copy what the image has there: %w", err)
		}
	}
	return a.ownExclusive(v.Path(m.Subpath), m)
}

// checkSubpaths is asked right before a start: what the service has waited for may have made the folder.
func (a *agent) checkSubpaths() error {
	for i, mount := range a.Service.Container.Mounts {
		if mount.Type != spec.MountVolume || mount.Subpath == "" || !a.isolated() {
			continue
		}
		if _, err := os.Stat(a.mounts[i].Source); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("volume at %s: volume %q has no %q: a subpath has to be there before it is mounted", mount.Target, mount.Source, mount.Subpath)
		}
	}
	return nil
}

func (a *agent) openBind(v volume.Volume, i int, m spec.Mount) error {
	if m.Exclusive {
		if err := v.Make(m.Source); err != nil {
			return err
		}
		emptied, err := a.openExclusive(v, m.Source, m)
		if err == nil && emptied {
			err = v.Forget(m.Source)
		}
		if err != nil {
			return err
		}
	}
	brought, err := v.Bring(m.Source, filepath.Join(a.Isolation.Binds, strconv.Itoa(i)))
	if err != nil {
		return fmt.Errorf("bring what has changed in %s: %w", m.Source, err)
	}
	if len(brought.Kept) > 0 {
		a.notes = append(a.notes, fmt.Sprintf("%s: changed in the project and in the stack, which keeps its own: %s", m.Source, protocol.Few(brought.Kept)))
	}
	return a.ownExclusive(v.Path(m.Source), m)
}

// openExclusive takes what is called name on the volume for this agent alone. What is locked, and stays open in the process, is
// a file: from an open folder, root would find its way out of what its namespaces show.
func (a *agent) openExclusive(v volume.Volume, name string, m spec.Mount) (emptied bool, err error) {
	lock, err := v.ExclusiveFile(name)
	if err != nil {
		return false, err
	}
	return a.openFolder(dataFolder{path: v.Path(name), lock: lock, mark: v.FirstStart(name), stale: m.Stale})
}

// ownExclusive gives what one service has to itself to the service's user. Root needs nothing to be given.
func (a *agent) ownExclusive(path string, m spec.Mount) error {
	if !m.Exclusive || a.Service.Process.Root {
		return nil
	}
	return a.owner().All(path)
}

// tmpfsOptions are those of a mount, as mount(8) writes them.
func tmpfsOptions(m spec.Mount) string {
	options := m.Options
	if m.Size > 0 {
		options += fmt.Sprintf(",size=%d", m.Size)
	}
	if m.FileMode != 0 {
		options += fmt.Sprintf(",mode=%o", m.FileMode)
	}
	return options
}

// inside tells whether a path is a folder or in it.
func inside(path, folder string) bool {
	rel, err := filepath.Rel(folder, filepath.Clean(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}
