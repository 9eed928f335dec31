package python

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/spec"
)

// pipfile is what is read of a Pipfile.
type pipfile struct {
	Packages map[string]any
	Requires struct {
		Version string `toml:"python_version"`
		Full    string `toml:"python_full_version"`
	}
}

// pipfileLock is what is read of a Pipfile.lock.
type pipfileLock struct {
	Default map[string]struct{ Version string }
}

// pipenv installs what Pipfile.lock says, or what the Pipfile does, with the packages for development.
func (l *look) pipenv() error {
	asked, err := readTOML[pipfile](l.Folder, "Pipfile")
	if err != nil {
		return err
	}
	l.build.manifest = l.Path("Pipfile")
	step := spec.Step{Files: []string{"Pipfile", "Pipfile.lock"}, Command: []string{scan.Tools + "/bin/pipenv", "sync", "--dev"}}
	if l.Has("Pipfile.lock") {
		l.build.manifest = l.Path("Pipfile.lock")
		var lock pipfileLock
		if err := json.Unmarshal([]byte(l.Read("Pipfile.lock")), &lock); err != nil {
			return fmt.Errorf("cannot read %s: %w", l.build.manifest, err)
		}
		for name, p := range lock.Default {
			l.build.names[normal(name)], l.build.versions[normal(name)] = true, strings.TrimPrefix(p.Version, "==")
		}
	} else {
		l.Note("%s: there is no Pipfile.lock: versions are chosen anew", l.build.manifest)
		step.Command = []string{scan.Tools + "/bin/pipenv", "install", "--skip-lock", "--dev"}
	}
	if l.Role.Production {
		step.Command = slices.DeleteFunc(step.Command, func(word string) bool { return word == "--dev" })
	}
	for name, how := range asked.Packages {
		if at := l.build.take(name, how); at != "" {
			step.Files = []string{"**"}
			l.NoteWhole(l.build.manifest, name+" comes from "+at)
		}
	}
	// Pipenv installs into the environment that VIRTUAL_ENV names.
	l.build.bring("pipenv", "pipenv", "PIPENV_CACHE_DIR=/cache/pipenv", "PIPENV_NOSPIN=1", "PIPENV_VERBOSITY=-1", "PIPENV_YES=1")
	l.build.steps = append(l.build.steps, step)
	return nil
}

// pipenvVersion is the Python that a Pipfile asks for, and the file; "" if none does.
func (l *look) pipenvVersion() (asked, source string) {
	for _, f := range l.Above() {
		if found, err := readTOML[pipfile](f, "Pipfile"); err == nil { // a broken one is an error where it counts
			if asked = cmp.Or(found.Requires.Full, found.Requires.Version); asked != "" && asked != "*" {
				return asked, f.Path("Pipfile")
			}
		}
	}
	return "", ""
}
