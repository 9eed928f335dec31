package watch

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/glob"
	"dagger/stack/internal/spec"
)

// many is how many edits cost more than to compare all of a folder.
const many = 256

// Edits are the paths of a project that were added, changed or removed; nil if that is not known. Those of folders end with a
// slash.
type Edits []string

// All tells whether all of the project has to be compared: it is not known what was edited, or it is much, or it is a file
// that says which other files count.
func (e Edits) All() bool {
	return e == nil || len(e) > many || slices.ContainsFunc(e, func(name string) bool {
		return path.Base(name) == ".gitignore" || strings.HasSuffix(name, ".dockerignore")
	})
}

// Below are those in a folder of the project, relative to it: "." if it may be anything. None, if nothing of it was edited.
func (e Edits) Below(folder string) (at []string) {
	everything := []string{"."}
	if e.All() {
		return everything
	}
	folder = path.Clean(folder)
	for _, edit := range e {
		edit = path.Clean(edit)
		switch rest, below := strings.CutPrefix(edit, folder+"/"); {
		case edit == folder || strings.HasPrefix(folder, edit+"/"):
			return everything
		case folder == ".":
			at = append(at, edit)
		case below:
			at = append(at, rest)
		}
	}
	return at
}

// Triggered are, by trigger, those at its Path, as Below has them; nil if there are none at all.
func (e Edits) Triggered(triggers []spec.Trigger) [][]string {
	all, some := make([][]string, len(triggers)), false
	for i, trigger := range triggers {
		all[i] = e.Below(trigger.Path)
		some = some || len(all[i]) > 0
	}
	if !some {
		return nil
	}
	return all
}

// Files are patterns that match what was edited, and the files that may say that it does not count.
func (e Edits) Files() []string {
	folders := make([]string, len(e))
	for i, edit := range e {
		folders[i] = path.Dir(path.Clean(edit))
	}
	return append(Patterns(e), rules(folders)...)
}

// rules are patterns that match the files which say what does not count in folders of the project.
func rules(folders []string) (patterns []string) {
	for _, folder := range folders {
		for ; ; folder = path.Dir(folder) {
			for _, name := range []string{".gitignore", ".dockerignore", "Dockerfile.dockerignore"} {
				if pattern := glob.Literal(path.Join(folder, name)); !slices.Contains(patterns, pattern) {
					patterns = append(patterns, pattern)
				}
			}
			if folder == "." {
				break
			}
		}
	}
	return patterns
}

// Patterns match paths, and what is below them; none at all match everything.
func Patterns(paths []string) []string {
	if slices.Contains(paths, ".") {
		return nil
	}
	patterns := make([]string, len(paths))
	for i, name := range paths {
		patterns[i] = glob.Literal(path.Clean(name))
	}
	return patterns
}
