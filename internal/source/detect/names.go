package detect

import (
	"io/fs"
	"path"
	"slices"

	"dagger/stack/internal/source/detect/golang"
	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/python"
	"dagger/stack/internal/source/detect/tree"
)

// Names are what a project calls itself, by the manifests in its root. A manifest that cannot be read says nothing here: whoever needs it
// says what is wrong.
func Names(fsys fs.FS) (names []string) {
	root := tree.New(fsys, Ignore).Root()
	pkg, _ := node.ReadManifest(root)
	for _, name := range slices.Concat([]string{pkg.Name}, python.Names(root), []string{golang.Name(root)}) {
		if name != "" {
			names = append(names, path.Base(name))
		}
	}
	return names
}
