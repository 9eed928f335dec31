// Package source chooses what a project's files say its stack is: a compose file, what detection finds, or both together.
package source

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/compose"
	"dagger/stack/internal/source/detect"
)

// Kind is where a stack is read from.
type Kind string

const (
	Auto    Kind = "auto"    // a compose file where there is one, else detection
	Compose Kind = "compose" // a compose file
	Detect  Kind = "detect"  // detection
)

// CheckKind refuses what is no kind.
func CheckKind(kind string) error {
	switch Kind(kind) {
	case Auto, Compose, Detect:
		return nil
	}
	return fmt.Errorf("source %q: want auto, compose or detect for --source", kind)
}

// Options are what the user says about the source.
type Options struct {
	Kind    Kind
	Compose compose.Options
	Detect  detect.Flags
}

// Read is the stack that a project's files describe. all is the whole project, which a compose file may name any file of; tracked
// is the project without what git ignores.
func Read(all, tracked fs.FS, name string, o Options) (project.Project, error) {
	o.Detect.All = all
	files, found := o.Compose.Files, len(o.Compose.Files) > 0
	if !found && o.Kind != Detect {
		files, found = compose.Find(all)
	}
	switch {
	case o.Kind == Compose && !found:
		return project.Project{}, errors.New("no compose file: looked for compose.yaml, compose.yml, docker-compose.yml and docker-compose.yaml in the project's root: name yours with --compose-file")
	case o.Kind == Detect || !found:
		p, err := detect.Join(tracked, detect.Databases(name), o.Detect)
		p.Source = "detection"
		if err != nil && o.Kind == Auto && !o.Detect.Named() {
			return below(all, name, o, p, err)
		}
		return p, err
	}
	o.Compose.Names = func() []string { return detect.Names(tracked) }
	p, err := compose.Load(all, o.Compose)
	if err != nil && o.Kind == Auto && !compose.Usual(files) {
		why := err
		o.Kind = Detect // it may be meant to lie over another one
		p, err = Read(all, tracked, name, o)
		p.Notes = append(p.Notes, fmt.Sprintf("%s is left aside, because it is no compose file by itself: %v", files[0], why))
		return p, err
	}
	if err != nil {
		return p, err
	}
	p.Name, p.Source = name, strings.Join(files, ", ")
	if o.Kind == Compose || compose.HasCode(p) {
		return p, nil
	}
	if image := compose.ImageOf(p, detect.Names(tracked)); image != "" {
		p.Notes = append(p.Notes, fmt.Sprintf("%s has the image %s, which is the project itself: its code is not looked for; --source detect runs it", p.Source, image))
		return p, nil
	}
	joined, err := detect.Join(tracked, p, o.Detect)
	if none := new(detect.NoCode); errors.As(err, &none) {
		return p, nil // images are the whole stack
	}
	if name := twice(joined); err == nil && name != "" {
		p.Notes = append(p.Notes, fmt.Sprintf("%s has a service %s: the project's own code is not looked for; --source detect runs it", p.Source, name))
		return p, nil
	}
	if err != nil {
		return joined, fmt.Errorf("%s has no service that is made from the project, so the project's own code is looked for: %w: or say --source compose", p.Source, err)
	}
	joined.Source = p.Source + ", and detection for the project's own code"
	return joined, nil
}

// twice is a name that two services have, "" if none is.
func twice(p project.Project) string {
	names := p.Names()
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return name
		}
	}
	return ""
}

// below is the stack of the one compose file that lies in a folder of the project, where nothing else says what the stack consists of. err
// is what detection says, and p what it knows all the same.
func below(all fs.FS, name string, o Options, p project.Project, err error) (project.Project, error) {
	files := compose.Below(all)
	if len(files) == 0 {
		return p, err
	}
	if len(files) == 1 {
		o.Compose.Files = files
		if p, bad := Read(all, all, name, o); bad == nil {
			p.Notes = append(p.Notes, fmt.Sprintf("%s is the compose file, because the root of the project has none, and its code is not known: name another one with --compose-file", files[0]))
			return p, nil
		}
	}
	return p, fmt.Errorf("%w; or name a compose file with --compose-file: the project has %s", err, strings.Join(files, ", "))
}
