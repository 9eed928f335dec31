package detect

import (
	"fmt"
	"slices"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/spec"
)

// localhost are the ports of a developer's machine at which services of a compose file are published, and those of the databases that the
// code has a client of.
type localhost []spec.Local

// beside are those ports. The project's own code runs on the machine there, and finds the services at localhost: by its settings, its
// examples, or by what is written in the code itself.
func beside(p project.Project) (found localhost) {
	for _, s := range p.Services {
		for _, port := range s.Ports {
			switch {
			case s.Described && port.Published != 0:
				found = append(found, spec.Local{Port: port.Published, Service: s.Name, To: port.Container})
			case isDatabase(s):
				found = append(found, spec.Local{Port: port.Container, Service: s.Name, To: port.Container})
			}
		}
	}
	return found
}

// local are the ports without those that are taken: the service listens there itself, or finds another one.
func (l localhost) local(taken ...int) (local []spec.Local) {
	for _, port := range l {
		if !slices.Contains(taken, port.Port) {
			local = append(local, port)
			taken = append(taken, port.Port)
		}
	}
	return local
}

// note says where the services are found, "" if none is.
func (l localhost) note() string {
	var said []string
	for _, port := range l.local() {
		said = append(said, fmt.Sprintf("%s at localhost:%d", port.Service, port.Port))
	}
	if len(said) == 0 {
		return ""
	}
	return "the project's own code finds " + text.And(said) + ", as on a machine where these ports are published"
}

func ports(of []spec.Local) (numbers []int) {
	for _, local := range of {
		numbers = append(numbers, local.Port)
	}
	return numbers
}

// routes are the arguments by which the file server of a built frontend hands on to the backend what the development server does.
func (found Result) routes() (args []string) {
	for _, route := range found.Frontend.Routes {
		to := url(backendName, found.Backend.Port)
		switch {
		case route.Path == "":
			args = append(args, "-else", to)
		case route.Strip:
			args = append(args, "-proxy", route.Path+"/-="+to)
		default:
			args = append(args, "-proxy", route.Path+"="+to)
		}
	}
	return args
}

// local are the ports of localhost at which the frontend finds the backend, where its development server hands requests on to: on the
// user's machine the backend is there. Of several ports it is the backend's own.
func (found Result) local(p *project.Project) (local []spec.Local) {
	if len(found.Frontend.Routes) > 0 {
		return nil // it is told where the backend is
	}
	to := found.Backend.Port
	for _, port := range found.Frontend.Proxied {
		if port != to && len(found.Frontend.Proxied) > 1 {
			p.Notes = append(p.Notes, fmt.Sprintf("%s hands requests on to localhost:%d, which is the frontend's own container here, and nobody listens there", found.Frontend.Proxies, port))
			continue
		}
		p.Notes = append(p.Notes, fmt.Sprintf("%s hands requests on to localhost:%d: in the frontend's container that is the backend", found.Frontend.Proxies, port))
		local = append(local, spec.Local{Port: port, Service: backendName, To: to})
	}
	return local
}
