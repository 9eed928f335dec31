package main

import (
	"errors"
	"fmt"
	"slices"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/services"
	"dagger/stack/internal/spec"
)

// Setting is a variable that the user gives to a service: a value or a secret.
type Setting struct {
	Service, Name, Value string
	Secret               *dagger.Secret
}

// Sets an environment variable of one service, in the place of one that it has
//
//	dagger call with-env --service backend --name LOG_LEVEL --value debug up --project-path . up
func (m *Stack) WithEnv(
	// Which service: postgres, redis, backend, frontend or one that with-service has added.
	service string,
	// The variable's name: letters, digits and "_".
	name string,
	// Its value. For one that nobody may see there is with-secret.
	value string,
) (*Stack, error) {
	return m.with(Setting{Service: service, Name: name, Value: value})
}

// Gives a secret to one service, as an environment variable
//
// Only the service's process gets its value. It is in no argument, status or log: where the service prints it, the
// log has *** in its place. A newline at its end is dropped.
//
//	dagger call with-secret --service backend --name API_KEY --secret env://API_KEY up --project-path . up
func (m *Stack) WithSecret(
	// Which service: postgres, redis, backend, frontend or one that with-service has added.
	service string,
	// The variable's name: letters, digits and "_".
	name string,
	// The secret: env://NAME, file://PATH, cmd://COMMAND, op://…, or any secret in a module.
	secret *dagger.Secret,
) (*Stack, error) {
	if secret == nil {
		return nil, errors.New("no secret: want one such as env://NAME for --secret")
	}
	return m.with(Setting{Service: service, Name: name, Secret: secret})
}

// with is the stack with one more setting; an older one of the same name is gone.
func (m *Stack) with(setting Setting) (*Stack, error) {
	if err := m.checkPart(setting.Service); err != nil {
		return nil, err
	}
	if err := services.CheckVariable(setting.Name); err != nil {
		return nil, fmt.Errorf("service %s: %w", setting.Service, err)
	}
	with := *m
	with.Settings = slices.DeleteFunc(slices.Clone(m.Settings), func(s *Setting) bool {
		return s.Service == setting.Service && s.Name == setting.Name
	})
	with.Settings = append(with.Settings, &setting)
	return &with, nil
}

// variables are those of one service; a service that is made like another has that one's, and its own over them.
func (m *Stack) variables(service string) (settings []*Setting) {
	of := func(name string) {
		for _, s := range m.Settings {
			if s.Service == name {
				settings = append(settings, s)
			}
		}
	}
	for _, own := range m.Own {
		if own.Name == service && own.Like != "" {
			of(own.Like)
		}
	}
	of(service)
	return settings
}

// set gives a service its settings.
func (m *Stack) set(service spec.Service) spec.Service {
	for _, s := range m.variables(service.Name) {
		v := spec.Env{Name: s.Name, Value: s.Value}
		if s.Secret != nil {
			v = spec.Env{Name: s.Name, Template: services.OwnSecret(s.Name)}
		}
		service = services.SetEnv(service, v)
	}
	return service
}
