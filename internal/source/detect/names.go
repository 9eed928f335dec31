package detect

import (
	"io/fs"
	"path"

	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/tree"
)

// Names are what a project calls itself, by the manifests in its root. A manifest that cannot be read says nothing here: whoever needs it
// says what is wrong.
func Names(fsys fs.FS) (names []string) {
	root := tree.New(fsys, Ignore).Root()
	pkg, _ := node.ReadManifest(root)
	all := []string{pkg.Name}
	for _, l := range languages {
		all = append(all, l.names(root)...)
	}
	for _, name := range all {
		if name != "" {
			names = append(names, path.Base(name))
		}
	}
	return names
}
