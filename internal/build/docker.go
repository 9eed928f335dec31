package build

import (
	"context"
	"fmt"
	"path"
	"strings"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/dockerfile"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/image"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// docker builds what a compose file describes.
func (b Builder) docker(ctx context.Context, service string, build spec.DockerBuild) (*dagger.Container, error) {
	project := b.Files.All
	dir, filtered, err := buildContext(ctx, build, project)
	if err != nil {
		return nil, err
	}
	options := dagger.DirectoryDockerBuildOpts{Platform: dagger.Platform(build.Platform), Target: build.Target, Dockerfile: build.Dockerfile}
	for _, arg := range build.Args {
		options.BuildArgs = append(options.BuildArgs, dagger.BuildArg{Name: arg.Name, Value: arg.Value})
	}
	if build.SSH {
		options.SSH = b.SSH
	}
	change := dockerfile.Change{Secrets: map[string]string{}, SSH: build.SSH, Images: map[string]string{}}
	for _, secret := range build.Secrets {
		given, err := buildSecret(ctx, service, secret, project)
		if err != nil {
			return nil, err
		}
		change.Secrets[secret.ID] = secret.ID + "-" + service
		options.Secrets = append(options.Secrets, given)
	}
	for _, more := range build.Contexts {
		if more.Image != "" {
			change.Images[more.Name] = more.Image
			continue
		}
		added, stage := project.Directory(more.Dir), dockerfile.Folder{Name: more.Name}
		if other, found := b.Project.Service(more.Service); found {
			container, err := b.Container(ctx, other)
			if err != nil {
				return nil, err
			}
			if stage.Says, err = readImage(ctx, container, image.Instructions); err != nil {
				return nil, err
			}
			added = container.Rootfs()
		}
		change.Folders = append(change.Folders, stage)
		dir = dir.WithDirectory(path.Join(dockerfile.Contexts, more.Name), added)
	}
	if inside, err := relative(build.Context, build.Dockerfile); err == nil && build.Inline == "" && build.Git == "" && !filtered && !build.SSH && len(build.Secrets)+len(build.Contexts) == 0 {
		options.Dockerfile = inside
		return dir.DockerBuild(options), nil
	}
	text := build.Inline
	switch {
	case text != "":
	case build.Git != "":
		text, err = dir.File(build.Dockerfile).Contents(ctx)
	default:
		text, err = project.File(build.Dockerfile).Contents(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its Dockerfile %s cannot be read: %s", service, build.Dockerfile, plain.FirstLine(err.Error()))
	}
	options.Dockerfile = dockerfile.Path
	return dir.
		WithNewFile(dockerfile.Path, change.Rewrite(text)).
		WithNewFile(dockerfile.Path+".dockerignore", dockerfile.Path+"*\n"). // what is put into the context is not to be copied
		DockerBuild(options), nil
}

// WithoutSecrets is a built container without the secrets of its build and its SSH agent, which Dagger leaves mounted, and in
// variables, wherever a RUN had them. It has the files and the variables of the image; all else that the image says is in the service.
func WithoutSecrets(built *dagger.Container, platform string, image project.Image) *dagger.Container {
	container := dag.Container(dagger.ContainerOpts{Platform: dagger.Platform(platform)}).WithRootfs(built.Rootfs())
	for _, v := range image.Env {
		if v.Name == "SSH_AUTH_SOCK" {
			continue // where the agent was
		}
		text, _ := v.Value.Literal()
		container = container.WithEnvVariable(v.Name, text)
	}
	return container
}

// buildContext is the folder that a build gets, without what is ignored, which may be its Dockerfile. A repository is taken whole, as Docker
// takes it.
func buildContext(ctx context.Context, b spec.DockerBuild, project *dagger.Directory) (dir *dagger.Directory, filtered bool, err error) {
	if b.Git != "" {
		return dag.Address(b.Git).Directory(), false, nil
	}
	ignored, err := dockerfile.Ignored(folder.FS(ctx, project), b.Context, b.Dockerfile)
	if err != nil {
		return nil, false, err
	}
	dir = project.Directory(b.Context)
	if len(ignored) > 0 {
		dir = dir.Filter(dagger.DirectoryFilterOpts{Exclude: ignored})
	}
	return dir, len(ignored) > 0, nil
}

// relative is a path of the project as seen from a folder of the project, an error if the path is not below the folder.
func relative(folder, name string) (string, error) {
	if folder = path.Clean(folder); folder == "." {
		return name, nil
	}
	inside, below := strings.CutPrefix(path.Clean(name), folder+"/")
	if !below {
		return "", fmt.Errorf("%s is not below %s", name, folder)
	}
	return inside, nil
}

// buildSecret is a secret of a build under a name of the service's own: two builds of a session that name a secret alike would
// both get the first one's value.
func buildSecret(ctx context.Context, service string, secret spec.BuildSecret, project *dagger.Directory) (*dagger.Secret, error) {
	text := secret.Value
	if secret.File != "" {
		var err error
		if text, err = project.File(secret.File).Contents(ctx); err != nil {
			return nil, fmt.Errorf("%s: build secret %s: %s", service, secret.ID, plain.FirstLine(err.Error()))
		}
	}
	return dag.SetSecret(secret.ID+"-"+service, text), nil
}
