package compose

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
)

// Find tells whether a project has compose files, and which: those that COMPOSE_FILE of its .env names, or else the first of
// compose's names and the first of the names of an override file.
func Find(fsys fs.FS) (files []string, ok bool) {
	w := &workspace{fsys: fsys, list: map[string]map[string]bool{}}
	if w.kind(".env") == file {
		if text, err := fs.ReadFile(fsys, ".env"); err == nil {
			values, _ := dotenv.UnmarshalBytesWithLookup(text, func(string) (string, bool) { return "", false })
			files = named(values)
		}
	}
	if len(files) == 0 {
		files = w.defaults()
	}
	return files, len(files) > 0
}

// Below are the files with compose's own names in the folders of a project's root.
func Below(fsys fs.FS) (files []string) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil // whoever reads the project says why
	}
	w := &workspace{fsys: fsys, list: map[string]map[string]bool{}}
	for _, entry := range entries {
		for _, name := range cli.DefaultFileNames {
			if found := path.Join(entry.Name(), name); entry.IsDir() && entry.Name()[0] != '.' && w.kind(found) == file {
				files = append(files, found)
				break
			}
		}
	}
	return files
}

// Usual tells whether files that were found are more than one with a name for developers.
func Usual(files []string) bool { return len(files) != 1 || !slices.Contains(local(), files[0]) }

// named are the files that COMPOSE_FILE names.
func named(env map[string]string) (files []string) {
	if env[consts.ComposeFilePath] == "" {
		return nil
	}
	for _, name := range strings.Split(env[consts.ComposeFilePath], cmp.Or(env[consts.ComposePathSeparator], ":")) {
		files = append(files, path.Clean(name))
	}
	return files
}

// local are names that projects give to the file that a developer names by hand, where no file has compose's own name.
func local() (names []string) {
	for _, mark := range []string{"local", "dev", "development"} {
		for _, pattern := range []string{"compose.%s", "docker-compose.%s", "compose-%s", "docker-compose-%s", "docker-compose_%s", "%s"} {
			for _, ext := range []string{".yaml", ".yml"} {
				names = append(names, fmt.Sprintf(pattern, mark)+ext)
			}
		}
	}
	return names
}

// defaults are the files with compose's own names, or else the first with a name for developers.
func (w *workspace) defaults() (files []string) {
	if files = w.usual(); len(files) > 0 {
		return files
	}
	for _, name := range local() {
		if w.kind(name) == file {
			return []string{name}
		}
	}
	return nil
}

// usual are the files with compose's own names.
func (w *workspace) usual() (files []string) {
	for _, names := range [][]string{cli.DefaultFileNames, cli.DefaultOverrideFileNames} {
		for _, name := range names {
			if w.kind(name) == file {
				files = append(files, name)
				break
			}
		}
		if len(files) == 0 {
			return nil // an override file alone is none
		}
	}
	return files
}

// chooseFiles decides which compose files count.
func (r *reader) chooseFiles() error {
	from := "--compose-file"
	for _, name := range r.opt.Files {
		r.files = append(r.files, path.Clean(name))
	}
	if len(r.files) == 0 {
		from = "COMPOSE_FILE"
		r.files = named(r.env.Mapping)
	}
	if len(r.files) == 0 {
		if r.files = r.workspace.defaults(); len(r.files) == 0 {
			return fmt.Errorf("the project has no compose file: want one of %s, or name one with --compose-file",
				strings.Join(cli.DefaultFileNames, ", "))
		}
		r.noteOthers()
	}
	for _, name := range r.files {
		if !fs.ValidPath(name) {
			return fmt.Errorf("%s %s: %w: name the folder above with --project-path, and the file below it with --compose-file", from, name, errOutside)
		}
		if kind := r.workspace.kind(name); kind != file {
			return fmt.Errorf("%s %s: %w: want a file of the project", from, name, kind.err())
		}
	}
	return nil
}

// noteOthers says which files with compose's names do not count, because another one does, and that a file has another name.
func (r *reader) noteOthers() {
	if len(r.workspace.usual()) == 0 {
		r.messages.noted = append(r.messages.noted, message{place{file: r.files[0]}, "", "is the compose file, because no file has the usual name: --source detect does without it"})
	}
	for _, names := range [][]string{cli.DefaultFileNames, cli.DefaultOverrideFileNames} {
		chosen := ""
		for _, name := range names {
			switch {
			case r.workspace.kind(name) != file:
			case chosen == "":
				chosen = name
			default:
				r.messages.noted = append(r.messages.noted, message{place{file: name}, "", "not read, because " + chosen + " is there: name it with --compose-file"})
			}
		}
	}
}
