package build

import (
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/image"
	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// WithoutPorts is a container that says nothing of the ports that its image exposes: the engine would wait until somebody listens there, and
// a worker that is made of a server's image never does.
func WithoutPorts(container *dagger.Container, image project.Image) *dagger.Container {
	for _, exposed := range image.Exposed {
		number, protocol, _ := strings.Cut(exposed, "/")
		port, err := strconv.Atoi(number)
		if err != nil {
			continue // the engine reads them in the same way
		}
		container = container.WithoutExposedPort(port, dagger.ContainerWithoutExposedPortOpts{Protocol: dagger.NetworkProtocol(strings.ToUpper(protocol))})
	}
	return container
}

// ReadImage is what a container's image says.
func ReadImage(ctx context.Context, container *dagger.Container) (project.Image, error) {
	return readImage(ctx, container, image.Read)
}

// readImage exports the image without its files, and reads its configuration.
func readImage[T any](ctx context.Context, container *dagger.Container, read func(io.Reader) (T, error)) (said T, err error) {
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return said, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "image.tar")
	if _, err := container.WithRootfs(dag.Directory()).AsTarball().Export(ctx, path); err != nil {
		return said, err
	}
	file, err := os.Open(path)
	if err != nil {
		return said, err
	}
	defer file.Close()
	return read(file)
}

// Mounted are the files of an image that a service mounts.
func Mounted(m spec.Mount) *dagger.Directory {
	return dag.Container().From(m.Source).Rootfs().Directory(path.Join("/", m.Subpath))
}
