package main

import (
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/services"
	"dagger/stack/internal/spec"
)

// secret is the one that the user gave to a service under that name, nil if the stack makes it.
func (m *Stack) secret(service, name string) *dagger.Secret {
	switch name {
	case services.DBPassword:
		return m.DBPassword
	case services.RedisPassword:
		return m.RedisPassword
	case services.SecretKey:
		return m.SecretKey
	}
	var found *dagger.Secret
	for _, s := range m.variables(service) {
		if s.Secret != nil && services.OwnSecretName(s.Name) == name {
			found = s.Secret
		}
	}
	return found
}

// withSecrets mounts those secrets that the service needs and the user gave, for the agent alone: files of root, in
// a folder that it closes. As files, because secret variables are missing in the engine's health checks.
func (m *Stack) withSecrets(service spec.Service) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, name := range service.Secrets() {
			if secret := m.secret(service.Name, name); secret != nil {
				container = container.WithMountedSecret(layout.Secrets+"/"+name, secret, dagger.ContainerWithMountedSecretOpts{
					Owner: "0:0", Mode: 0o400,
				})
			}
		}
		return container
	}
}
