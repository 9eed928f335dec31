package source

import (
	"io/fs"
	"path/filepath"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/spec"
)

// Collect copies what a build has made from the files of its container to a folder, each at its path.
func Collect(folder, container string, products []spec.Product) error {
	return mirror(folder, container, products)
}

// Install makes a change of the code, and has what a build has made of it where the build had it.
func (s *Source) Install(built, incoming string, products []spec.Product, change tree.Change) error {
	if err := s.Apply(incoming, change); err != nil {
		return err
	}
	return mirror("/", built, products)
}

// mirror leaves out the files of root in the folder of the source, which are the source.
func mirror(to, from string, products []spec.Product) error {
	for _, product := range products {
		m := tree.Mirror{Keep: product.Keep, Skip: func(info fs.FileInfo) bool { return ownedByRoot(info) }}
		if err := m.Make(filepath.Join(to, product.Path), filepath.Join(from, product.Path)); err != nil {
			return err
		}
	}
	return nil
}
