package main

import (
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// secret is the one that the user gave under that name, nil if the stack makes it.
func (m *Stack) secret(name string) (secret *dagger.Secret) {
	switch name {
	case recipe.DBPassword:
		return m.DBPassword
	case recipe.RedisPassword:
		return m.RedisPassword
	case recipe.SecretKey:
		return m.SecretKey
	}
	for _, setting := range m.Settings {
		if setting.Secret != nil && setting.secretName() == name {
			secret = setting.Secret
		}
	}
	return secret
}

// withSecrets mounts those secrets that the service needs and the user gave, for the agent alone: files of root, in
// a folder that it closes. As files, because secret variables are missing in the engine's health checks.
func (m *Stack) withSecrets(service spec.Service) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, name := range service.Secrets() {
			if secret := m.secret(name); secret != nil {
				container = container.WithMountedSecret(layout.Secrets+"/"+name, secret, dagger.ContainerWithMountedSecretOpts{
					Owner: "0:0", Mode: 0o400,
				})
			}
		}
		return container
	}
}
