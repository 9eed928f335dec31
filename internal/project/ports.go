package project

import (
	"fmt"

	"dagger/stack/internal/spec"
)

// Route is a published port and where it leads.
type Route struct {
	Published int
	Service   string
	Port      int
}

// Routes are the published ports of a resolved project.
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
	for _, s := range p.Services {
		for _, route := range (Project{Services: []spec.Service{p.overridden(s)}}).Routes() {
			if route.Published == port {
				return s.Name
			}
		}
	}
	for _, c := range p.customs {
		for _, own := range c.Ports {
			if own.Published == port {
				return c.Name
			}
		}
	}
	return ""
}

// checkPorts refuses a port of the host that two services want.
func (p Project) checkPorts() error {
	taken := map[int]string{}
	for _, route := range p.Routes() {
		if other := taken[route.Published]; other != "" {
			return fmt.Errorf("port %d is published by both %s and %s: publish one of them elsewhere", route.Published, other, route.Service)
		}
		taken[route.Published] = route.Service
	}
	return nil
}
