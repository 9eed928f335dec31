package client

import (
	"slices"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// inOrder sorts services so that each comes after those it needs, as far as they are among them. What agents say
// they need is what counts: a service that was started alone has none. Needs in a circle, which no up starts, leave the
// services as they are.
func inOrder(services []state.Service) []state.Service {
	byName := map[string]state.Service{}
	var names []string
	for _, service := range services {
		byName[service.Name] = service
		names = append(names, service.Name)
	}
	ordered, err := spec.Order(names, func(name string) []string {
		status, err := byName[name].Status()
		if err != nil {
			return nil // it never said
		}
		return status.Needs
	})
	if err != nil {
		return services
	}
	var sorted []state.Service
	for _, name := range ordered {
		sorted = append(sorted, byName[name])
	}
	return sorted
}

// dependents are the services that need one of the given, directly or not, in order of need.
func dependents(services []state.Service, name string) []state.Service {
	affected := map[string]bool{name: true}
	var found []state.Service
	for _, service := range inOrder(services) {
		status, err := service.Status()
		if err != nil || service.Name == name {
			continue
		}
		if slices.ContainsFunc(status.Needs, func(need string) bool { return affected[need] }) {
			affected[service.Name] = true
			found = append(found, service)
		}
	}
	return found
}
