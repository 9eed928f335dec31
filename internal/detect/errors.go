package detect

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// unknown says that a folder does not hold the service that was looked for. Other errors end the search, this one
// lets it go on in the next folder.
type unknown struct {
	text   string
	bare   bool // nothing in the folder says that it is a service
	likely bool // there is one, we only cannot tell how it is run: searching on would hide it
}

func (u *unknown) Error() string { return u.text }

func isUnknown(err error) bool {
	var u *unknown
	return errors.As(err, &u)
}

// nothing is the error for a folder with nothing known in it.
func (s *scan) nothing() error {
	return &unknown{bare: true, text: fmt.Sprintf("no %s in %s: looked for %s; found %s: name its folder with %s or its command with %s",
		s.role.name, s.quoted(), and(s.role.markers), s.found(), s.role.dirFlag(), s.role.commandFlag())}
}

// quoted is the folder's name in a sentence.
func (f folder) quoted() string {
	if f.dir == "." {
		return "the root of the project"
	}
	return fmt.Sprintf("%q", f.dir)
}

// found is the folder's content in a sentence.
func (f folder) found() string {
	names := f.visible()
	const most = 12
	if len(names) > most {
		names = append(names[:most:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return and(names)
}

// visible is what a user calls the content of the folder: no .git, no node_modules.
func (f folder) visible() []string {
	var names []string
	for _, dir := range f.list().dirs {
		if !slices.Contains(Ignore, "**/"+dir) {
			names = append(names, dir+"/")
		}
	}
	for _, file := range f.list().files {
		if !slices.Contains(Ignore, "**/"+file) {
			names = append(names, file)
		}
	}
	return names
}

// outside is the error for a path in a manifest that leads out of the folder a build sees, nil when it does not.
func outside(manifest, buildDir, name string) error {
	full := path.Join(path.Dir(manifest), name)
	inside := full == buildDir || strings.HasPrefix(full, buildDir+"/")
	if buildDir == "." {
		inside = full != ".." && !strings.HasPrefix(full, "../")
	}
	if inside && !path.IsAbs(name) {
		return nil
	}
	return fmt.Errorf("%s needs %s, which is outside of %s, and a build sees nothing else: move it in, or add a Dockerfile that copies it",
		manifest, name, folder{dir: buildDir}.quoted())
}

func and(words []string) string { return join(words, "and") }
func or(words []string) string  { return join(words, "or") }

func join(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}
