package client

import (
	"slices"

	"dagger/stack/internal/state"
)

// inOrder sorts services so that each comes after those it needs, as far as they are among them. What agents say
// they need is what counts: a service that was started alone has none.
func inOrder(services []state.Service) []state.Service {
	needs := map[string][]string{}
	for _, service := range services {
		if status, err := service.Status(); err == nil {
			needs[service.Name] = status.Needs
		}
	}
	var ordered []state.Service
	done := map[string]bool{}
	var visit func(service state.Service)
	visit = func(service state.Service) {
		if done[service.Name] {
			return
		}
		done[service.Name] = true
		for _, need := range needs[service.Name] {
			if i := slices.IndexFunc(services, func(s state.Service) bool { return s.Name == need }); i >= 0 {
				visit(services[i])
			}
		}
		ordered = append(ordered, service)
	}
	for _, service := range services {
		visit(service)
	}
	return ordered
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
