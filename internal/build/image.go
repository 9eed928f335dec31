package build

import (
	"context"
	"os"
	"path/filepath"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/image"
	"dagger/stack/internal/project"
)

// ReadImage exports the image without its files, and reads its configuration.
func ReadImage(ctx context.Context, container *dagger.Container) (project.Image, error) {
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return project.Image{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "image.tar")
	if _, err := container.WithRootfs(dag.Directory()).AsTarball().Export(ctx, path); err != nil {
		return project.Image{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return project.Image{}, err
	}
	defer file.Close()
	return image.Read(file)
}
