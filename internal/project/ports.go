package project

import (
	"cmp"
	"fmt"

	"dagger/stack/internal/spec"
)

// Route is a published port and where it leads.
type Route struct {
	Published int
	Service   string
	Port      int
}

// Routes are the published ports of a resolved project. One that the instances of a service have together is there once for each.
func (p Project) Routes() (routes []Route) {
	for _, s := range p.Services {
		for _, port := range s.Ports {
			if port.Published != 0 {
				routes = append(routes, Route{Published: port.Published, Service: s.Name, Port: port.Container})
			}
		}
	}
	return routes
}

// publishes is the name of the service that has a port of the host; "" if none has.
func (p Project) publishes(port int) string {
	switch port {
	case 0:
		return ""
	case p.APIPort:
		return "the API"
	}
	for _, route := range p.listeners().Routes() {
		if route.Published == port {
			return route.Service
		}
	}
	return ""
}

// published is the port of the host under which a service is reached first; 0 if it is not published.
func (p Project) published(service string) int {
	for _, route := range p.listeners().Routes() {
		if route.Service == service {
			return route.Published
		}
	}
	return 0
}

// listeners are all services with their ports, as the user says, before the rest of them is resolved.
func (p Project) listeners() (listeners Project) {
	for _, s := range p.Services {
		listeners.Services = append(listeners.Services, p.overridden(s))
	}
	for _, c := range p.customs {
		listeners.Services = append(listeners.Services, p.overridden(spec.Service{Name: c.Name, Ports: c.Ports}))
	}
	return listeners
}

// checkPorts refuses a port of the host that two services want, or a service and the API. The instances of one service have
// their ports together.
func (p Project) checkPorts() error {
	taken := map[int]string{p.APIPort: "the API"}
	for _, route := range p.Routes() {
		s, _ := p.Service(route.Service)
		name := cmp.Or(s.InstanceOf, s.Name)
		if other := taken[route.Published]; other != "" && (other != name || s.InstanceOf == "") {
			return fmt.Errorf("port %d is published by both %s and %s: publish one of them elsewhere", route.Published, other, name)
		}
		taken[route.Published] = name
	}
	return nil
}
