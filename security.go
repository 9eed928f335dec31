package main

import (
	"dagger/stack/internal/build"
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
		if setting.Secret != nil && !setting.Build && setting.secretName() == name {
			secret = setting.Secret
		}
	}
	return secret
}

// buildSecrets are those that the build of a service has.
func (m *Stack) buildSecrets(service string) (secrets []build.Secret) {
	for _, setting := range m.Settings {
		if setting.Build && setting.Secret != nil && setting.Service == service {
			secrets = append(secrets, build.Secret{Name: setting.Variable, Secret: setting.Secret})
		}
	}
	return secrets
}

// withSecrets mounts those secrets that the service needs and that do not come from the stack itself, for the agent alone: files of
// root, in a folder that it closes. As files, because secret variables are missing in the engine's health checks. texts are those
// that the project's files have, by name.
func (m *Stack) withSecrets(service spec.Service, texts map[string]string) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		for _, name := range service.Secrets() {
			secret := m.secret(name)
			if text, found := texts[name]; found {
				secret = dag.SetSecret("stack/"+m.name()+"/"+name, text) // Dagger tells secrets apart by their names alone
			}
			if secret != nil {
				container = container.WithMountedSecret(layout.Secrets+"/"+name, secret, dagger.ContainerWithMountedSecretOpts{
					Owner: "0:0", Mode: 0o400,
				})
			}
		}
		return container
	}
}
