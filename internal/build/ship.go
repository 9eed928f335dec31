package build

import (
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/spec"
)

// compiler is the image that compiles the file server.
const compiler = "golang:1.26-alpine"

// shipped is the image for production of what a build has made.
func shipped(built *dagger.Container, build spec.Build) *dagger.Container {
	ship := build.Ship
	image := dag.Container().From(ship.Image).WithUser("0:0").
		With(withPackages(ship.Packages)).
		With(withFolders(ship.Folders)).
		With(withEnv(build.Running())).With(withEnv(ship.Env))
	for _, folder := range ship.Copies {
		owner := "0:0"
		if folder.Own {
			owner = appUser
		}
		image = image.WithDirectory(folder.To, built.Directory(folder.From), dagger.ContainerWithDirectoryOpts{Owner: owner, Exclude: folder.Without})
	}
	image = image.With(withScratch(build))
	if ship.Static != "" {
		image = image.WithFile(spec.FileServer, fileServer(), dagger.ContainerWithFileOpts{Permissions: 0o755}).
			WithExec([]string{spec.FileServer, "-compress", "-root", ship.Static})
	}
	return image.WithWorkdir(build.Target)
}

// withScratch lets the service's user create files beside the source of an image for production, as the agent lets it elsewhere.
func withScratch(build spec.Build) dagger.WithContainerFunc {
	return func(image *dagger.Container) *dagger.Container {
		if !build.Scratch {
			return image
		}
		return image.WithExec([]string{"find", build.Target, "-name", "node_modules", "-prune", "-o", "-type", "d", "-exec", "chown", appUser, "{}", "+"})
	}
}

// fileServer is the program that serves the files of frontends, compiled from the module's own source, which needs no other module.
func fileServer() *dagger.File {
	const from, to = "/src/internal/static", "/opt/serve"
	return dag.Container().From(compiler).
		WithNewFile("/src/go.mod", "module dagger/stack\n\ngo 1.26\n").
		WithDirectory(from, dag.CurrentModule().Source().Directory("internal/static")).
		WithWorkdir("/src").
		WithEnvVariable("CGO_ENABLED", "0").WithEnvVariable("GOTOOLCHAIN", "local").
		WithExec([]string{"go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, "./internal/static/serve"}).
		File(to)
}
