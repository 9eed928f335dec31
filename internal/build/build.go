// Package build makes the containers of services from what their specs say, before an agent is in them.
package build

import (
	"context"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// appUser runs the builds of a project's own code, and what they make: not root, and the first user that images
// have room for.
const appUser = "1000:1000"

// Builder is what containers are built from: the project's files, other services of the stack, and the user's SSH agent.
type Builder struct {
	Project project.Project
	Files   folder.Folder
	SSH     *dagger.Socket
	Secrets func(service string) []Secret // that a service's build has
}

// Secret is a variable of a build that nobody may see: the image that is built does not have it.
type Secret struct {
	Name string
	*dagger.Secret
}

var dag = dagger.Connect()

// Container is a service's container before the agent is in it: what its Build describes.
func (b Builder) Container(ctx context.Context, service spec.Service) (*dagger.Container, error) {
	build := service.Build
	switch {
	case build.Docker != nil:
		return b.docker(ctx, service.Name, *build.Docker)
	case build.Dir == "":
		return dag.Container(dagger.ContainerOpts{Platform: dagger.Platform(build.Platform)}).From(build.Image), nil
	}
	project, err := folder.WithoutIgnored(ctx, b.Files.Tracked, build.Service)
	if err != nil {
		return nil, err
	}
	if build.Dockerfile != "" {
		options := dagger.DirectoryDockerBuildOpts{Dockerfile: build.Dockerfile, Target: build.Stage}
		for _, arg := range service.BuildArgs() {
			options.BuildArgs = append(options.BuildArgs, dagger.BuildArg{Name: arg.Name, Value: arg.Value})
		}
		return project.Directory(build.Dir).DockerBuild(options).With(withEnv(build.Env)), nil
	}
	var secrets []Secret
	if b.Secrets != nil {
		secrets = b.Secrets(service.Name)
	}
	bundled := service.Bundled()
	if build.Ship != nil {
		for _, pair := range service.StandIns() {
			if name, _, _ := strings.Cut(pair, "="); !slices.ContainsFunc(secrets, func(s Secret) bool { return s.Name == name }) {
				bundled = append(bundled, pair)
			}
		}
	}
	return withSource(build, bundled, secrets, project), nil
}

// withSource is the project's source with all that the source needs to run. What the whole source is made into has the service's variables.
func withSource(build spec.Build, bundled []string, secrets []Secret, project *dagger.Directory) *dagger.Container {
	source := project.Directory(build.Dir)
	container := dag.Container().From(build.Image).
		WithUser("0:0").
		With(withFolders(append([]string{build.Target}, build.Folders...))).
		WithWorkdir(build.Target).
		With(withCaches(build)).
		With(withEnv(build.Env)).
		With(withPackages(build.Packages)).
		WithUser(appUser)
	for _, secret := range secrets {
		container = container.WithSecretVariable(secret.Name, secret.Secret)
	}
	for _, step := range build.Steps {
		if len(step.Files) > 0 {
			// Nothing but these: an edit of another file leaves the steps after it cached.
			container = container.WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{
				Include: step.Files, Owner: appUser,
			}).WithExec(writable(build.Target))
		}
		command := step.Command
		if step.Whole() && len(bundled) > 0 {
			command = slices.Concat([]string{"env"}, bundled, command) // of this command alone: they are not the image's
		}
		container = container.WithWorkdir(path.Join(build.Target, step.Dir)).WithExec(command).WithWorkdir(build.Target)
	}
	if build.Compile != nil {
		whole := source
		for _, stage := range build.Stages {
			whole = whole.WithDirectory(stage.To, withSource(stage.Build, nil, secrets, project).Directory(stage.From))
		}
		return compiled(container, source, whole, build)
	}
	for _, secret := range secrets {
		container = container.WithoutSecretVariable(secret.Name)
	}
	if build.Ship != nil {
		// Whatever rights the files have on the host, the service's user may read them.
		container = container.WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{Owner: appUser}).
			WithExec([]string{"chmod", "-R", "a+rX", build.Target})
		image := shipped(container, build)
		for _, stage := range build.Stages {
			made := withSource(stage.Build, bundled, secrets, project).Directory(stage.From)
			image = image.WithDirectory(path.Join(build.Target, stage.To), made, dagger.ContainerWithDirectoryOpts{Owner: "0:0"})
		}
		return image
	}
	// Over the dependencies, and root's: the service reads its source and cannot change it.
	container = container.WithUser("0:0").WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{Owner: "0:0"})
	return container.With(withoutCaches(build))
}

// writable lets package managers write beside what they read, whatever rights the folders have on the host.
func writable(dir string) []string {
	return []string{"find", dir, "-type", "d", "!", "-perm", "-200", "-exec", "chmod", "u+w", "{}", "+"}
}

// compiled is the result of a build, of the source and what other builds have made for it, on the image it runs on.
func compiled(container *dagger.Container, source, whole *dagger.Directory, build spec.Build) *dagger.Container {
	if len(build.Compile.Command) > 0 {
		container = container.WithDirectory(build.Target, whole, dagger.ContainerWithDirectoryOpts{Owner: appUser}).WithExec(build.Compile.Command)
	}
	artifact := container.File(build.Compile.Artifact)
	return dag.Container().From(build.Compile.Image).
		WithFile(build.Compile.Artifact, artifact, dagger.ContainerWithFileOpts{Permissions: 0o755}).
		WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{Owner: "0:0", Exclude: build.Compile.Without}).
		WithWorkdir(build.Target).
		With(withEnv(build.Running())).
		With(func(image *dagger.Container) *dagger.Container {
			if build.Compile.Without == nil {
				return image
			}
			return image.WithUser("0:0").WithExec([]string{"chmod", "-R", "a+rX", build.Target}).With(withScratch(build))
		})
}

// withPackages installs packages of Debian.
func withPackages(names []string) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		if len(names) == 0 {
			return container
		}
		install := "apt-get update && apt-get install --yes --no-install-recommends " + strings.Join(names, " ") + " && rm -rf /var/lib/apt/lists/*"
		return container.WithExec([]string{"sh", "-ec", install})
	}
}

// withFolders makes empty folders that the service's user may write to.
func withFolders(paths []string) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, path := range paths {
			container = container.WithDirectory(path, dag.Directory(), dagger.ContainerWithDirectoryOpts{Owner: appUser})
		}
		return container
	}
}

// withCaches mounts what package managers keep between builds. The volumes belong to the module, not to a stack:
// what is downloaded once is there for all.
func withCaches(build spec.Build) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, cache := range build.Caches {
			container = container.WithMountedCache(cache.Path, dag.CacheVolume("stack-cache-"+cache.Name, dagger.CacheVolumeOpts{Owner: appUser}))
		}
		return container
	}
}

// withoutCaches unmounts them, and drops the variables that name them: a package manager that the service runs, as npx does, has its
// own in its home.
func withoutCaches(build spec.Build) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, cache := range build.Caches {
			container = container.WithoutMount(cache.Path)
		}
		for _, v := range build.Env {
			if !slices.Contains(build.Running(), v) {
				container = container.WithoutEnvVariable(v.Name)
			}
		}
		return container
	}
}

func withEnv(vars []spec.BuildVariable) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, v := range vars {
			container = container.WithEnvVariable(v.Name, v.Value, dagger.ContainerWithEnvVariableOpts{Expand: true})
		}
		return container
	}
}
