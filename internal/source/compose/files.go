package compose

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// serviceFiles are the secrets and configs of a service.
func (r *reader) serviceFiles(s types.ServiceConfig) (files []spec.File) {
	for _, use := range s.Secrets {
		e := element{"services", s.Name, "secrets", item(use.Source)}
		f, ok := r.file(e, types.FileReferenceConfig(use), types.FileObjectConfig(r.model.Secrets[use.Source]), "secrets", "/run/secrets")
		if text, known := f.Content.Literal(); ok {
			f.Sensitive = !known || f.Source != "" || telling(strings.TrimSpace(text))
			files = append(files, f)
		}
	}
	for _, use := range s.Configs {
		e := element{"services", s.Name, "configs", item(use.Source)}
		if f, ok := r.file(e, types.FileReferenceConfig(use), types.FileObjectConfig(r.model.Configs[use.Source]), "configs", "/"); ok {
			files = append(files, f)
		}
	}
	return append(files, hidden(s)...)
}

// nothing is what hides a file of an image: an empty file takes its place.
const nothing = "/dev/null"

// hidden are the files of the image that a service puts nothing in the place of.
func hidden(s types.ServiceConfig) (files []spec.File) {
	root, mode := 0, uint32(0o666)
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind && v.Source == nothing {
			files = append(files, spec.File{Path: v.Target, UID: &root, GID: &root, Mode: &mode})
		}
	}
	return files
}

// folders are the secrets and configs of a service that are folders of the project: they are mounted.
func (r *reader) folders(s types.ServiceConfig) (mounts []spec.Mount) {
	mount := func(name, target, dir string) {
		if source, inside := r.workspace.inside(name); name != "" && inside && r.workspace.kind(source) == folder {
			if !path.IsAbs(target) {
				target = path.Join(dir, target)
			}
			mounts = append(mounts, spec.Mount{Type: spec.MountBind, Source: source, Target: target, ReadOnly: true})
		}
	}
	for _, use := range s.Secrets {
		mount(r.model.Secrets[use.Source].File, cmp.Or(use.Target, use.Source), "/run/secrets")
	}
	for _, use := range s.Configs {
		mount(r.model.Configs[use.Source].File, cmp.Or(use.Target, use.Source), "/")
	}
	return mounts
}

// file is a secret or a config in a container. By default everybody in the container may read it, as with docker compose.
func (r *reader) file(e element, use types.FileReferenceConfig, of types.FileObjectConfig, section, dir string) (f spec.File, ok bool) {
	f.Path = cmp.Or(use.Target, use.Source)
	if !path.IsAbs(f.Path) {
		f.Path = path.Join(dir, f.Path)
	}
	root, mode := 0, uint32(0o444)
	f.UID, f.GID, f.Mode = &root, &root, &mode
	for _, id := range []struct {
		key, text string
		to        **int
	}{{"uid", use.UID, &f.UID}, {"gid", use.GID, &f.GID}} {
		if id.text == "" {
			continue
		}
		n, valid := number(id.text)
		if !valid {
			r.refuse(e, "%s %q: want a number", id.key, id.text)
		}
		*id.to = &n
	}
	if use.Mode != nil {
		mode = uint32(*use.Mode)
	}
	defined := element{section, use.Source}
	switch {
	case bool(of.External):
		external := cmp.Or(of.Name, use.Source)
		name := project.ExternalSecret(external)
		r.note(defined, "is not in the files: with-external-secret --name %s gives it", external)
		f.Content = spec.Value{spec.SecretPart(name, spec.Plain)}
		if !slices.Contains(r.secrets, name) {
			r.secrets = append(r.secrets, name)
		}
	case of.File != "":
		f.Source, ok = r.projectFile(append(defined, "file"), of.File)
		if use.Mode == nil {
			f.Mode = nil // as the file has it
		}
		return f, ok && r.workspace.kind(f.Source) == file
	case of.Environment != "":
		value, found := r.env.Mapping[of.Environment]
		if !found {
			r.refuse(append(defined, "environment"), "variable %s is required and has no value: give it with --env %s=VALUE, or in a file with --env-file or .env",
				of.Environment, of.Environment)
		}
		f.Content = spec.Value{spec.Text(value)}
	default:
		f.Content = spec.Value{spec.Text(of.Content)}
	}
	return f, true
}

// projectFile is a file of the project that has to be there.
func (r *reader) projectFile(e element, name string) (string, bool) {
	inside, ok := r.workspace.inside(name)
	if !ok {
		r.refuse(e, "%s %v: copy it into the project", r.workspace.shown(name), errOutside)
		return "", false
	}
	if kind := r.workspace.kind(inside); kind == missing {
		what := "make the file"
		if example := r.workspace.example(inside); example != "" {
			what = "copy " + example + " to it"
		}
		r.refuse(e, "%s %v: %s", inside, errMissing, what)
		return "", false
	}
	return strings.TrimSuffix(inside, "/"), true
}
