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

// Patterns match these files, the files beside them, and what says that they do not count: what is included, without what is excluded. Nil
// if nothing was edited. But for names that are patterns themselves they are such that the CLI goes into no other folder: a pattern in the
// middle of a path, or of a name, has it look at all of them. So what is at the top of the project, or above another folder, is
// looked at by its name alone.
func (r *Recent) Patterns() (include, exclude []string) {
	for _, folder := range r.folders {
		if folder == "." || slices.ContainsFunc(r.folders, func(other string) bool { return strings.HasPrefix(other, folder+"/") }) {
			continue
		}
		include = append(include, path.Join(glob.Literal(folder), "*"))
		exclude = append(exclude, path.Join(glob.Literal(folder), "*/**"))
	}
	for _, file := range r.files {
		include = append(include, glob.Literal(file))
	}
	return append(include, rules(r.folders)...), exclude
}
