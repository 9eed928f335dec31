// Package project is a stack as a value: its services, what the user said about them, and what follows from both. A source
// (internal/source) makes a Project of a project's files; the functions of the module turn a resolved Project into containers.
// Nothing in this package reads a file or talks to the engine.
package project

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// Project is a stack that is being described. Its methods return another Project and leave the receiver as it is.
type Project struct {
	Name     string
	Services []spec.Service // as the source says
	Absent   []string       // services that the source could have and does not have
	APIPort  int            // the port of the host that the API has; 0: none
	Source   string         // what the stack was read from, in a line
	LeftOut  []LeftOut      // services that cannot be had here, and that nothing else needs
	Notes    []string       // what a user may want to know, a sentence each
	Missing  []Missing      // variables that services need and that no file gives
	Secrets  []string       // those that the user has to give, because no file has them

	Migration Migration // what brings the database up to date

	customs   []Custom
	overrides []Override
	only      []string // the services that are to run; nil: all
}

// LeftOut is a service that a source names and the stack does not have.
type LeftOut struct{ Service, Reason string }

// WithoutServices are the services that are left out, each "NAME: why".
func (p Project) WithoutServices() (texts []string) {
	for _, left := range p.LeftOut {
		texts = append(texts, left.Service+": "+left.Reason)
	}
	return texts
}

var stackName = lazyregexp.New(`^[a-z0-9-]{1,40}$`)

// CheckStackName refuses what cannot be the name of a stack.
func CheckStackName(name string) error {
	if !stackName.MatchString(name) {
		return fmt.Errorf("stack name %q: want 1 to 40 characters of a-z, 0-9 and \"-\"", name)
	}
	return nil
}

// Names are those of the services, the custom ones last.
func (p Project) Names() (names []string) {
	for _, s := range p.Services {
		names = append(names, s.Name)
	}
	for _, c := range p.customs {
		names = append(names, c.Name)
	}
	return names
}

// Service is the service of that name, as the source says.
func (p Project) Service(name string) (spec.Service, bool) {
	i := slices.IndexFunc(p.Services, func(s spec.Service) bool { return s.Name == name })
	if i < 0 {
		return spec.Service{}, false
	}
	return p.Services[i], true
}

// Check refuses a name that no service of the stack has.
func (p Project) Check(name string) error {
	if names := append(p.Names(), p.Absent...); !slices.Contains(names, name) {
		return fmt.Errorf("service %q is not part of the stack: want one of %s", name, strings.Join(names, ", "))
	}
	return nil
}

// Add is the project with a custom service.
func (p Project) Add(custom Custom) (Project, error) {
	if err := CheckName(custom.Name); err != nil {
		return p, err
	}
	if slices.Contains(p.Names(), custom.Name) {
		return p, fmt.Errorf("service %q is part of the stack already: choose another name, or take that one out before, with without-service", custom.Name)
	}
	if err := p.checkPlace(custom); err != nil {
		return p, fmt.Errorf("service %s: %w", custom.Name, err)
	}
	p.customs = append(slices.Clone(p.customs), custom)
	return p, nil
}

// Remove is the project without a service. What the source says to depend on the service does without it; a custom service
// that was added with the service's name keeps it from being removed.
func (p Project) Remove(name string) (Project, error) {
	if err := p.Check(name); err != nil {
		return p, err
	}
	for _, custom := range p.customs {
		if slices.Contains(custom.Needs, name) || slices.Contains(custom.NeededBy, name) || custom.Like == name {
			return p, fmt.Errorf("service %s cannot be taken out: %s was added with it as --needs, --needed-by, --before or --like", name, custom.Name)
		}
	}
	p.Absent = slices.DeleteFunc(slices.Clone(p.Absent), func(absent string) bool { return absent == name })
	p.Services = slices.DeleteFunc(slices.Clone(p.Services), func(s spec.Service) bool { return s.Name == name })
	for i, s := range p.Services {
		// A custom service may get the name, and is another service.
		p.Services[i].DependsOn = slices.DeleteFunc(slices.Clone(s.DependsOn), func(d spec.Dependency) bool { return d.Service == name })
	}
	p.customs = slices.DeleteFunc(slices.Clone(p.customs), func(c Custom) bool { return c.Name == name })
	p.overrides = slices.DeleteFunc(slices.Clone(p.overrides), func(o Override) bool { return o.Service == name })
	return p, nil
}

// Override is the project with one more thing that the user says. Of two that say the same of a service the later one counts.
func (p Project) Override(o Override) (Project, error) {
	instance := func(s spec.Service) bool { return s.InstanceOf == o.Service }
	if o.Service != "" && !slices.ContainsFunc(p.Services, instance) {
		if err := p.Check(o.Service); err != nil {
			return p, err
		}
	}
	for _, v := range o.Env {
		if err := CheckVariable(v.Name); err != nil {
			return p, fmt.Errorf("service %s: %w", o.Service, err)
		}
		for _, s := range p.Services {
			if s.Name == o.Service && settled(s, v.Name) {
				return p, fmt.Errorf("service %s: variable %s cannot be changed here: by it the stack logs in, makes backups and tells the other services: %s", s.Name, v.Name, settledBy(s))
			}
		}
	}
	p.overrides = append(slices.Clone(p.overrides), o)
	return p, nil
}

// Only is the project of which some services are to run, and what these need, directly or not; all, if none is named. Resolve leaves
// out the others, and makes each service as it is in the whole stack: the engine runs a service once that two callers describe in the
// same way.
func (p Project) Only(chosen ...string) (Project, error) {
	var only []string
	var keep func(name string)
	keep = func(name string) {
		if slices.Contains(only, name) {
			return
		}
		only = append(only, name)
		for _, need := range p.needs(name) {
			keep(need)
		}
	}
	names := p.Names()
	for _, name := range chosen {
		if !slices.Contains(names, name) {
			return p, fmt.Errorf("the project has no %s: the stack consists of %s", name, strings.Join(names, ", "))
		}
		keep(name)
	}
	p.only = only
	return p, nil
}

// runs tells whether a service is to run.
func (p Project) runs(name string) bool { return p.only == nil || slices.Contains(p.only, name) }

// needs are the names of the services that one depends on, as the source and the custom services say.
func (p Project) needs(name string) (needs []string) {
	needs = p.own(name)
	for _, c := range p.customs {
		if slices.Contains(c.NeededBy, name) || p.first(c, name) {
			needs = append(needs, c.Name)
		}
	}
	return needs
}

// own are the needs that a service is described with, or that it has from the one that it is made like: what custom services add to
// that one's is not inherited.
func (p Project) own(name string) []string {
	if s, found := p.Service(name); found {
		return s.Needs()
	}
	for _, c := range p.customs {
		if c.Name == name {
			return slices.Concat(c.Needs, p.own(c.Like))
		}
	}
	return nil
}

// lacks says that something is not there.
func lacks(names []string) string {
	return "which the project does not have: the stack consists of " + strings.Join(names, ", ")
}
