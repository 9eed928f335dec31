package detect

import (
	"io/fs"
	"path"
	"slices"

	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/tree"
)

// Names are what a project calls itself, by the manifests in its root. A manifest that cannot be read says nothing here: whoever needs it
// says what is wrong.
func Names(fsys fs.FS) []string { return names(tree.New(fsys, Ignore).Root()) }

// Manifests are the files that a project's parts are named in.
var Manifests = []string{"package.json", "pyproject.toml", "go.mod"}

// NamesOfParts are Names, with those of the folders in the root.
func NamesOfParts(fsys fs.FS) []string {
	root := tree.New(fsys, Ignore).Root()
	all := names(root)
	for _, dir := range root.List().Dirs {
		all = append(all, names(root.Sub(dir))...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func names(f tree.Folder) (names []string) {
	pkg, _ := node.ReadManifest(f)
	all := []string{pkg.Name}
	for _, l := range languages {
		all = append(all, l.names(f)...)
	}
	for _, name := range all {
		if name != "" {
			names = append(names, path.Base(name))
		}
	}
	return names
}
