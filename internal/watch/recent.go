package watch

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/glob"
)

// most is how many folders, and how many files, are glanced at.
const most = 16

// Recent are the files that were edited last, and the folders that they are in.
type Recent struct{ files, folders []string }

// Add adds what was edited; what was edited longest ago is forgotten. Names that end with a slash are folders.
func (r *Recent) Add(edited []string) {
	for _, name := range edited {
		if folder := strings.HasSuffix(name, "/"); !folder {
			r.files = latest(r.files, name)
		}
		r.folders = latest(r.folders, path.Dir(strings.TrimSuffix(name, "/")))
	}
}

func latest(names []string, name string) []string {
	names = append(slices.DeleteFunc(names, func(other string) bool { return other == name }), name)
	return names[max(0, len(names)-most):]
}

// Patterns match these files, the files beside them whose names have a dot, and those that say what does not count: names without
// a dot cannot be told from folders, which may hold much. Nil if nothing was edited.
func (r *Recent) Patterns() (patterns []string) {
	for _, folder := range r.folders {
		patterns = append(patterns, path.Join(glob.Literal(folder), "*.*"))
	}
	for _, file := range r.files {
		patterns = append(patterns, glob.Literal(file))
	}
	return append(patterns, rules(r.folders)...)
}
