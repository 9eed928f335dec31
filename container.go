package main

import (
	"encoding/json"

	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

// service puts the agent into a container and makes it the command. One that is part of a running stack has somebody who
// waits for it to be healthy; for one alone the engine does. It is bound to those of needs that it needs: the engine
// starts them first, and gives their names to it.
func (m *Stack) service(service spec.Service, container *dagger.Container, together bool, needs map[string]*dagger.Service) (*dagger.Service, error) {
	agent, err := withAgent(together)
	if err != nil {
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
	for _, name := range service.Needs() {
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
