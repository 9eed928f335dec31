package main

import (
	"encoding/json"

	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

// appUser runs the builds of a project's own code, and what they make: not root, and the first user that images
// have room for.
const appUser = "1000:1000"

// base is a service's container before the agent is in it: what its Build describes.
func (m *Stack) base(build spec.Build, project *dagger.Directory) *dagger.Container {
	switch {
	case build.Dockerfile != "":
		return project.Directory(build.Dir).
			DockerBuild(dagger.DirectoryDockerBuildOpts{Dockerfile: build.Dockerfile}).
			With(withEnv(build.Env))
	case build.Target == "":
		return dag.Container().From(build.Image)
	}
	source := project.Directory(build.Dir)
	container := dag.Container().From(build.Image).
		WithUser("0:0").
		With(withFolders(append([]string{build.Target}, build.Folders...))).
		WithWorkdir(build.Target).
		With(withCaches(build)).
		With(withEnv(build.Env)).
		WithUser(appUser)
	for _, step := range build.Steps {
		if len(step.Files) > 0 {
			// Nothing but these: an edit of another file leaves the steps after it cached.
			container = container.WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{
				Include: step.Files, Owner: appUser,
			})
		}
		container = container.WithExec(step.Command)
	}
	if build.Compile != nil {
		return compiled(container, source, build)
	}
	// Over the dependencies, and root's: the service reads its source and cannot change it.
	container = container.WithUser("0:0").WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{Owner: "0:0"})
	return container.With(withoutCaches(build))
}

// compiled is the result of a build on the image it runs on.
func compiled(container *dagger.Container, source *dagger.Directory, build spec.Build) *dagger.Container {
	artifact := container.
		WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{Owner: appUser}).
		WithExec(build.Compile.Command).
		File(build.Compile.Artifact)
	return dag.Container().From(build.Compile.Image).
		WithFile(build.Compile.Artifact, artifact, dagger.ContainerWithFileOpts{Permissions: 0o755}).
		WithDirectory(build.Target, source, dagger.ContainerWithDirectoryOpts{Owner: "0:0"}).
		WithWorkdir(build.Target).
		With(withEnv(build.Env))
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

// withoutCaches unmounts them: a running service has no use for them.
func withoutCaches(build spec.Build) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, cache := range build.Caches {
			container = container.WithoutMount(cache.Path)
		}
		return container
	}
}

func withEnv(vars []spec.Env) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, v := range vars {
			container = container.WithEnvVariable(v.Name, v.Value, dagger.ContainerWithEnvVariableOpts{Expand: true})
		}
		return container
	}
}

// service puts the agent into a container and makes it the command. One that is part of a running stack has somebody who
// waits for it to be healthy; for one alone the engine does. It is bound to those of needs that it needs: the engine
// starts them first, and gives their names to it.
func (m *Stack) service(service spec.Service, container *dagger.Container, together bool, needs map[string]*dagger.Service) (*dagger.Service, error) {
	agent, err := withAgent(together)
	if err != nil {
		return nil, err
	}
	if service.Log, err = m.log(); err != nil {
		return nil, err
	}
	description, err := json.Marshal(service)
	if err != nil {
		return nil, err
	}
	container = container.
		WithUser("0:0").
		With(agent).
		WithNewFile(layout.Spec, string(description), dagger.ContainerWithNewFileOpts{Permissions: 0o600}).
		WithMountedCache(layout.State, m.stateVolume()).
		With(m.withSecrets(service)).
		WithoutDockerHealthcheck() // the image's
	if !together {
		container = container.WithDockerHealthcheck([]string{layout.Agent, command.Ready, service.Name, m.Folder}, dagger.ContainerWithDockerHealthcheckOpts{
			// It blocks until it knows: see control.Ready. Asking again would give the same answer.
			Retries: 1, Interval: "1s",
		})
	}
	for _, data := range service.Data {
		if !data.Ephemeral {
			container = container.WithMountedCache(data.Path, m.dataVolume(data.Name))
		}
	}
	if len(service.Files) > 0 {
		// They hold secrets, which no disk should.
		container = container.WithMountedTemp(layout.Files, dagger.ContainerWithMountedTempOpts{Size: 1 << 20})
	}
	for _, port := range service.Ports {
		// That somebody listens is less than that the service is healthy, which is waited for anyway.
		container = container.WithExposedPort(port.Container, dagger.ContainerWithExposedPortOpts{ExperimentalSkipHealthcheck: true})
	}
	for _, name := range service.Needs {
		if need := needs[name]; need != nil {
			container = container.WithServiceBinding(name, need)
		}
	}
	return container.AsService(dagger.ContainerAsServiceOpts{
		Args:                     []string{layout.Agent, command.Run, m.Folder},
		InsecureRootCapabilities: !m.Unprivileged, // for the limits; the agent gives up what it does not need
		NoInit:                   true,            // the agent reaps, and hands signals on
	}), nil
}
