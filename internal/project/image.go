package project

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
)

// Image is what only an image knows of the service that runs in it.
type Image struct {
	Entrypoint, Cmd []string
	Workdir, User   string
	StopSignal      string
	Volumes         []string // folders that the image says are volumes
	Healthcheck     *spec.Probe
}

// Unread are the services whose images have to be read before the project can be resolved: those that come from a Dockerfile,
// and custom ones with a container of their own.
func (p Project) Unread() (names []string) {
	for _, s := range p.Services {
		if s.Build.Dockerfile != "" {
			names = append(names, s.Name)
		}
	}
	for _, c := range p.customs {
		if c.Contained {
			names = append(names, c.Name)
		}
	}
	return names
}

// Read is the project with what the image of a service says.
func (p Project) Read(name string, image Image) (Project, error) {
	if i := slices.IndexFunc(p.customs, func(c Custom) bool { return c.Name == name }); i >= 0 {
		p.customs = slices.Clone(p.customs)
		p.customs[i].image = &image
		return p, image.check(name, p.customs[i].Command, "--command of with-service")
	}
	p.Services = slices.Clone(p.Services)
	for i, s := range p.Services {
		if s.Name == name {
			if err := image.check(name, s.Process.Command, "--"+name+"-command"); err != nil {
				return p, err
			}
			p.Services[i] = image.complete(s)
		}
	}
	return p, nil
}

// check refuses an image that does not say what to run, where nobody else says it. flag is where a user can say it.
func (i Image) check(name string, command []string, flag string) error {
	if len(command)+len(i.Entrypoint)+len(i.Cmd) == 0 {
		return fmt.Errorf("%s: its image has neither an ENTRYPOINT nor a CMD: say what to run with %s", name, flag)
	}
	return nil
}

// complete is the service with what the image says, where the service does not say it. An image that does not say who it runs
// as means root, which no service runs as.
func (i Image) complete(s spec.Service) spec.Service {
	if len(s.Process.Command) == 0 {
		s.Process.Command = slices.Concat(i.Entrypoint, i.Cmd)
	}
	if s.Process.Workdir == "" {
		s.Process.Workdir = i.Workdir
	}
	if user, _, _ := strings.Cut(i.User, ":"); user != "" && user != "root" && user != "0" {
		s.Process.User = i.User
	}
	return s
}
