package main

import (
	"encoding/json"
	"path"
	"strconv"

	"dagger/stack/internal/build"
	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/install"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

// service puts the agent into a container and makes the agent its command. For a service that is started together with its
// stack, up waits until the service is healthy; for a service that is started alone, the engine waits, by a health check. The
// service is bound to those of needs that it depends on: the engine starts them first, and makes their names known to it.
func (m *Stack) service(service spec.Service, plan plan, together bool, needs map[string]*dagger.Service) (*dagger.Service, error) {
	container, err := m.withService(service, plan, together, needs)
	if err != nil {
		return nil, err
	}
	return container.AsService(dagger.ContainerAsServiceOpts{
		Args:                     []string{layout.Agent, command.Run, m.Folder},
		InsecureRootCapabilities: !m.Unprivileged, // for the limits; the agent gives up what it does not need
		NoInit:                   true,            // the agent reaps, and hands signals on
	}), nil
}

// withService is a container with the agent, and all that the agent of a service needs.
func (m *Stack) withService(service spec.Service, plan plan, together bool, needs map[string]*dagger.Service) (*dagger.Container, error) {
	agent, err := install.With(together)
	if err != nil {
		return nil, err
	}
	description, err := json.Marshal(service)
	if err != nil {
		return nil, err
	}
	container := plan.containers[service.Name].
		WithUser("0:0").
		With(agent).
		With(install.WithText(layout.Spec, string(description))).
		WithMountedCache(layout.State, m.stateVolume()).
		With(m.withSecrets(service, plan.texts)).
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
	container = m.withMounts(service, plan.files, container)
	for _, port := range service.Ports {
		container = container.WithExposedPort(port.Container, install.Unasked)
	}
	for _, name := range service.Needs() {
		if need := needs[name]; need != nil {
			container = container.WithServiceBinding(name, need)
		}
	}
	return container, nil
}

// withMounts has the volumes of a service, and the project's files that it mounts or gets, where its agent finds them.
func (m *Stack) withMounts(service spec.Service, files folder.Folder, container *dagger.Container) *dagger.Container {
	for i, mount := range service.Container.Mounts {
		if volume := mount.Volume(); volume != "" {
			container = container.WithMountedCache(path.Join(layout.Volumes, volume), m.dataVolume(volume))
		}
		switch at := path.Join(layout.Binds, strconv.Itoa(i)); {
		case mount.Type == spec.MountImage:
			container = container.WithMountedDirectory(at, build.Mounted(mount))
		case mount.Type != spec.MountBind || mount.Missing:
		case mount.File:
			container = container.WithMountedFile(at, files.All.File(mount.Source))
		default:
			container = container.WithMountedDirectory(at, files.All.Directory(mount.Source))
		}
	}
	for i, file := range service.Files {
		if file.Source != "" {
			container = container.WithMountedFile(path.Join(layout.Sources, strconv.Itoa(i)), files.All.File(file.Source))
		}
	}
	return container
}
