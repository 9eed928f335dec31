package project

import (
	"errors"
	"fmt"
	"slices"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// Resolve is the project with everything decided: overrides are in the services, variables say where others are, custom
// services stand beside those of the source, each service after those it depends on, and nothing refers to what is not there.
func (p Project) Resolve() (Project, error) {
	resolved := p
	resolved.Services, resolved.customs, resolved.overrides = nil, nil, nil
	for _, s := range p.Services {
		s = p.overridden(s)
		if !s.Described { // what a compose file describes gets what the file says, and no more
			s, _ = recipe.Complete(s) // for the image that it was given
			s.Process.Env = spec.Merge(p.exports(s.Needs()), s.Process.Env)
		}
		resolved.Services = append(resolved.Services, s)
	}
	for _, custom := range p.customs {
		if !p.runs(custom.Name) && !p.model(custom.Name) {
			continue
		}
		like, err := resolved.like(custom)
		if err != nil {
			return p, err
		}
		resolved.Services = append(resolved.Services, p.overridden(custom.service(p, like)))
	}
	resolved.Services = slices.DeleteFunc(resolved.Services, func(s spec.Service) bool { return !p.runs(s.Name) })
	if err := resolved.connect(p); err != nil {
		return p, err
	}
	resolved.findJobs()
	if err := resolved.checkHealth(p.overrides); err != nil {
		return p, err
	}
	if len(resolved.Services) == 0 {
		return p, errors.New("nothing is left of the stack: every service was taken out")
	}
	for i, s := range resolved.Services {
		env, err := resolved.filled(p, s.Process.Env)
		if err != nil {
			return p, fmt.Errorf("service %s: %w", s.Name, err)
		}
		files, err := resolved.files(p, s.Files)
		if err != nil {
			return p, fmt.Errorf("service %s: %w", s.Name, err)
		}
		resolved.Services[i].Process.Env, resolved.Services[i].Files, resolved.Services[i].From = env, files, s.Build.From()
	}
	resolved.only = nil
	if err := resolved.checkPorts(); err != nil {
		return p, err
	}
	return resolved.ordered()
}

// like is the service that a custom one is made as, an empty one if it has a container of its own.
func (p Project) like(custom Custom) (spec.Service, error) {
	if custom.Like == "" {
		return spec.Service{}, nil
	}
	like, found := p.Service(custom.Like)
	if !found {
		return like, fmt.Errorf("service %s is made like the %s, %s", custom.Name, custom.Like, lacks(p.Names()))
	}
	return like, nil
}

// exports are the variables that a service gets from those it needs.
func (p Project) exports(needs []string) (env []spec.Variable) {
	for _, name := range needs {
		if need, found := p.Service(name); found {
			env = append(env, need.Exports...)
		}
	}
	return env
}

// connect sees to it that every service that is depended on is there, or that the dependent can do without it.
func (p *Project) connect(whole Project) error {
	names := p.Names()
	for _, custom := range whole.customs {
		needed := slices.Clone(custom.NeededBy)
		for _, other := range whole.customs {
			if whole.first(custom, other.Name) && !slices.Contains(needed, other.Name) {
				needed = append(needed, other.Name)
			}
		}
		for _, name := range needed {
			if !p.runs(custom.Name) || !p.runs(name) {
				continue
			}
			i := slices.Index(names, name)
			if i < 0 {
				return fmt.Errorf("service %s is needed by %s, %s", custom.Name, name, lacks(names))
			}
			s := &p.Services[i]
			if slices.Contains(s.Needs(), custom.Name) {
				continue
			}
			s.DependsOn = append(slices.Clone(s.DependsOn), spec.Dependency{Service: custom.Name, Condition: custom.condition()})
		}
	}
	for i, s := range p.Services {
		p.Services[i].DependsOn = slices.DeleteFunc(slices.Clone(s.DependsOn), func(d spec.Dependency) bool {
			return d.Optional && !slices.Contains(names, d.Service)
		})
		for _, need := range p.Services[i].Needs() {
			if !slices.Contains(names, need) {
				return fmt.Errorf("service %s needs %s, %s", s.Name, need, lacks(names))
			}
		}
	}
	return nil
}

// findJobs makes jobs of the containers that others wait to be completed: up waits for their end, and fails with them.
func (p *Project) findJobs() {
	awaited := map[string]bool{}
	for _, s := range p.Services {
		for _, d := range s.DependsOn {
			awaited[d.Service] = awaited[d.Service] || d.Condition == spec.Completed && !d.Optional
		}
	}
	for i, s := range p.Services {
		if awaited[s.Name] {
			p.Services[i].Mode = spec.ModeJob
		}
	}
}

// ordered is the project with each service after those it depends on.
func (p Project) ordered() (Project, error) {
	names, err := spec.Order(p.Names(), func(name string) []string {
		s, _ := p.Service(name)
		return s.Needs()
	})
	if err != nil {
		return p, err
	}
	var services []spec.Service
	for _, name := range names {
		s, _ := p.Service(name)
		services = append(services, s)
	}
	p.Services = services
	return p, nil
}
