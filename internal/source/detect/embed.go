package detect

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// embedding matches the line by which a program in Go takes files into itself.
var embedding = lazyregexp.New(`(?m)^\s*//go:embed[ \t]+(.+)$`)

// embeds gives a program in Go the pages that it takes into itself, where another folder's script "build" makes them: git ignores what
// is built, so that a clone has none.
func embeds(s *scan.Scan, found *Service) error {
	for _, pages := range pageFolders(s.Folder) {
		made := madeIn(s.Folder, pages)
		if made == "" {
			continue
		}
		// Its notes would speak of a service that there is not.
		look := &scan.Scan{Folder: pages, Root: s.Root, Role: scan.Role{Name: frontendName, Port: frontendPort}}
		build, err := node.Built(look)
		if err != nil {
			return err
		}
		from := look.Workdir(build.Dir, tree.Relative(pages.Dir, made))
		found.Build.Stages = append(found.Build.Stages, spec.Stage{Build: build, From: from, To: tree.Relative(found.Build.Dir, made)})
		s.Note("the program takes %s into itself, which the script build of %s makes: it is built before, anew after every edit", made, pages.Path("package.json"))
	}
	return nil
}

// pageFolders are the folders below, one or two deep, that have a package.json with a script "build".
func pageFolders(f tree.Folder) (folders []tree.Folder) {
	for _, name := range f.List().Dirs {
		if f.Ignores(name) {
			continue
		}
		below := f.Sub(name)
		if isPages(below) {
			folders = append(folders, below)
			continue
		}
		for _, name := range []string{"web", "frontend", "ui", "client", "app"} {
			if sub := below.Sub(name); below.HasDir(name) && isPages(sub) {
				folders = append(folders, sub)
			}
		}
	}
	return folders
}

func isPages(f tree.Folder) bool {
	if !f.Has("package.json") {
		return false
	}
	pkg, err := node.ReadManifest(f)
	return err == nil && pkg.Builds()
}

// madeIn is the folder below pages, seen from the project's root, that a Go file of this folder or above it takes in, and that is not
// there, or has hidden files alone. It is "" if there is none.
func madeIn(module, pages tree.Folder) string {
	for dir := pages.Dir; ; dir = path.Dir(dir) {
		at := module.At(dir)
		for _, name := range at.List().Files {
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, line := range embedding.FindAllStringSubmatch(at.Read(name), -1) {
				for _, pattern := range strings.Fields(line[1]) {
					taken, _ := tree.Beginning(strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:"))
					full := path.Join(dir, taken)
					if strings.HasPrefix(full, pages.Dir+"/") && !isThere(module.At(path.Dir(full)), path.Base(full)) {
						return full
					}
				}
			}
		}
		if dir == module.Dir || dir == "." {
			return ""
		}
	}
}

func isThere(f tree.Folder, name string) bool {
	if !f.HasDir(name) {
		return f.Has(name)
	}
	list := f.Sub(name).List()
	return len(list.Dirs) > 0 || slices.ContainsFunc(list.Files, func(file string) bool { return !strings.HasPrefix(file, ".") })
}
