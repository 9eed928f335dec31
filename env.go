package main

import (
	"errors"
	"fmt"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/project"
)

// Sets an environment variable of one service, in the place of one that it has
//
//	dagger call with-env --service backend --name LOG_LEVEL --value debug up --project-path . up
//	dagger call with-env --service backend --name PG_HOST --template '{postgres.host}:{postgres.port}' up --project-path . up
func (m *Stack) WithEnv(
	// Which service: postgres, redis, backend, frontend or one that with-service has added.
	service string,
	// The variable's name: letters, digits and "_".
	name string,
	// Its value, as it is. For one that nobody may see there is with-secret.
	//
	// +optional
	value *string,
	// Its value with what the stack knows of its services, in the place of --value: {SERVICE.FIELD} is the host, port, user, password,
	// database or url of a service, and {SERVICE.FIELD:url} the same for a part of an address. Braces are written twice.
	//
	// +optional
	template *string,
) (*Stack, error) {
	if (value == nil) == (template == nil) {
		return nil, errors.New("want either --value or --template")
	}
	setting := Setting{Service: service, Variable: name, Template: template != nil}
	for _, given := range []*string{value, template} {
		if given != nil {
			setting.Value = *given
		}
	}
	return m.withVariable(setting)
}

// Gives a secret to one service, as an environment variable
//
// Only the service's process gets its value. It is in no argument, status or log: where the service prints it, the
// log has *** in its place. A newline at its end is dropped.
//
//	dagger call with-secret --service backend --name API_KEY --secret env://API_KEY up --project-path . up
//	dagger call with-secret --service backend --name NPM_TOKEN --secret env://NPM_TOKEN --build up --project-path . up
func (m *Stack) WithSecret(
	// Which service: postgres, redis, backend, frontend or one that with-service has added.
	service string,
	// The variable's name: letters, digits and "_".
	name string,
	// The secret: env://NAME, file://PATH, cmd://COMMAND, op://…, or any secret in a module.
	secret *dagger.Secret,
	// For the build of a service that is detected, in the place of its process: what installs its packages has it, as .npmrc and pip want
	// the token of a private registry. The image does not have it.
	//
	// +optional
	build bool,
) (*Stack, error) {
	if secret == nil {
		return nil, errors.New("no secret: want one such as env://NAME for --secret")
	}
	return m.withVariable(Setting{Service: service, Variable: name, Secret: secret, Build: build})
}

// Says how a service's Dockerfile is built: which stage of it, and the values of its ARGs
//
// An ARG that has no value here gets that of the service's variable of the same name, if the service is detected and the variable is no secret.
//
//	dagger call with-build --service backend --target dev --arg BASE=python:3.11-slim up --project-path . up
func (m *Stack) WithBuild(
	// Which service: one that is built from a Dockerfile.
	service string,
	// The stage to build. The last one, unless given, or the one that the compose file says.
	//
	// +optional
	target string,
	// The value of an ARG, as NAME=VALUE. It can be repeated.
	//
	// +optional
	arg []string,
) (with *Stack, err error) {
	flags, err := project.ParseBuild(service, target, arg)
	for with = m; err == nil && len(flags) > 0; flags = flags[1:] {
		with, err = with.with(Setting{Service: service, Variable: flags[0].Name, Value: flags[0].Value, Build: true})
	}
	return with, err
}

// Gives an external secret of the compose file, for all services that use it
//
// A file that says `secrets: {token: {external: true}}` has the secret from elsewhere: from here. All that are missing are an
// error of up and config.
//
//	dagger call with-external-secret --name token --secret file://token.txt up --project-path . up
func (m *Stack) WithExternalSecret(
	// The secret's name in the file, or the name that the file gives to it.
	name string,
	// The secret: env://NAME, file://PATH, cmd://COMMAND, op://…, or any secret in a module.
	secret *dagger.Secret,
) (*Stack, error) {
	if secret == nil {
		return nil, errors.New("no secret: want one such as env://NAME for --secret")
	}
	return m.with(Setting{External: name, Secret: secret})
}

// withVariable is the stack with a variable of one service.
func (m *Stack) withVariable(setting Setting) (*Stack, error) {
	if setting.Service == "" {
		return nil, errors.New("which service? Name it with --service")
	}
	if err := project.CheckVariable(setting.Variable); err != nil {
		return nil, fmt.Errorf("service %s: %w", setting.Service, err)
	}
	return m.with(setting)
}
