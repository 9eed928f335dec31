package compose

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/go-units"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// windowsDrive is what docker compose reads for a volume of one letter, on every system.
var windowsDrive = lazyregexp.New(`^[A-Za-z]:`)

// ofMachine is a folder beside the project's own, for what is in the place of folders of the machine: those that lie in each other still do.
const ofMachine = "@machine"

// mounts are what lies over the image's files: what a service names itself, and what it takes over from another one.
func (r *reader) mounts(s types.ServiceConfig) (mounts []spec.Mount) {
	for _, v := range s.Volumes {
		if m, ok := r.mount(s.Name, v); ok {
			mounts = append(mounts, m)
		}
	}
	for _, text := range s.Tmpfs {
		mounts = append(mounts, r.tmpfs(s.Name, text))
	}
	for _, text := range s.VolumesFrom {
		name, _, _ := strings.Cut(text, ":") // docker compose takes no notice of ":ro"
		from, found := r.model.Services[name]
		if !found {
			r.refuse(element{"services", s.Name, "volumes_from", item(text)}, "%s is no service of the stack", name)
			continue
		}
		for _, m := range r.mounts(from) {
			if m.Type == spec.MountTmpfs || slices.ContainsFunc(mounts, func(own spec.Mount) bool { return own.Target == m.Target }) {
				continue
			}
			mounts = append(mounts, m)
		}
	}
	return mounts
}

// mount is one volume, bind mount or tmpfs; false if it has no effect.
func (r *reader) mount(service string, v types.ServiceVolumeConfig) (m spec.Mount, ok bool) {
	m = spec.Mount{Type: spec.MountType(v.Type), Target: v.Target, ReadOnly: v.ReadOnly}
	if drive := windowsDrive.FindString(m.Target); drive != "" {
		r.refuse(element{"services", service, "volumes", item(v.Target)}, "%q: docker compose takes %s for a drive of Windows: a volume's name needs two letters", v.Target, drive)
	} else if !path.IsAbs(m.Target) {
		r.refuse(element{"services", service, "volumes", item(v.Target)}, "target %q: want an absolute path", v.Target)
	}
	switch v.Type {
	case types.VolumeTypeBind:
		if m.Source, ok = r.workspace.inside(v.Source); !ok && r.standsIn(v) {
			m.Source, ok = path.Join(ofMachine, r.workspace.shown(v.Source)), true
		}
		return r.bind(m), ok
	case types.VolumeTypeTmpfs:
		if v.Tmpfs != nil {
			m.Size, m.FileMode = int64(v.Tmpfs.Size), v.Tmpfs.Mode
		}
		return m, true
	case types.VolumeTypeImage:
		if v.Image != nil {
			m.Subpath = v.Image.SubPath
		}
		m.Source, m.ReadOnly = v.Source, true
		return m, true
	}
	m.Source = v.Source
	if m.Source == "" {
		m.Source = project.AnonymousVolume(service, v.Target)
	}
	if v.Volume != nil {
		m.NoCopy, m.Subpath = v.Volume.NoCopy, v.Volume.Subpath
	}
	return r.driven(m), true
}

// bind is a bind mount with what its source is.
func (r *reader) bind(m spec.Mount) spec.Mount {
	m.Source = r.workspace.followed(m.Source)
	kind := r.workspace.kind(m.Source)
	if info, err := fs.Stat(r.workspace.fsys, m.Source); kind == file && err == nil && info.IsDir() {
		kind = folder // a symbolic link to one
	}
	m.File, m.Missing = kind == file, kind == missing
	return m
}

// driven is a volume that its driver makes a tmpfs or a bind mount of.
func (r *reader) driven(m spec.Mount) spec.Mount {
	options := r.model.Volumes[m.Source].DriverOpts
	switch {
	case options["type"] == "tmpfs":
		m = spec.Mount{Type: spec.MountTmpfs, Target: m.Target, ReadOnly: m.ReadOnly}
		return withOptions(m, options["o"])
	case options["type"] == "none" || strings.Contains(options["o"], "bind"):
		if source, inside := r.workspace.inside(options["device"]); inside {
			m.Type, m.Source, m.NoCopy = spec.MountBind, source, false
			m = r.bind(m)
		}
	}
	return m
}

// tmpfs is one in Docker's short form: TARGET:OPTIONS.
func (r *reader) tmpfs(service, text string) spec.Mount {
	target, options, _ := strings.Cut(text, ":")
	m := withOptions(spec.Mount{Type: spec.MountTmpfs, Target: target}, options)
	if !path.IsAbs(target) {
		r.refuse(element{"services", service, "tmpfs", item(text)}, "%q: want an absolute path", target)
	}
	return m
}

// withOptions is a tmpfs with options of mount(8).
func withOptions(m spec.Mount, options string) spec.Mount {
	var others []string
	for _, option := range strings.Split(options, ",") {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "size":
			if size, err := units.RAMInBytes(value); err == nil {
				m.Size = size
				continue
			}
		case "mode":
			if mode, err := strconv.ParseUint(value, 8, 32); err == nil {
				m.FileMode = uint32(mode)
				continue
			}
		case "ro":
			m.ReadOnly = true
			continue
		case "rw", "":
			continue
		}
		others = append(others, option)
	}
	m.Options = strings.Join(others, ",")
	return m
}
