package project

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// CheckBuildSecret refuses a secret of a build that has no use for it.
func (p Project) CheckBuildSecret(service, name string) error {
	if err := p.Check(service); err != nil {
		return err
	}
	s, _ := p.Service(service)
	switch {
	case s.Described:
		return fmt.Errorf("service %s: its compose file says which secrets its build has (build: secrets:), and --build is for services that are detected", service)
	case s.Build.Dockerfile != "":
		return fmt.Errorf("service %s: it is built from a Dockerfile, which gets no %s: describe it in a compose file with build: secrets:, or let it be built from its source with --no-dockerfile", service, name)
	case s.Build.Target == "":
		return fmt.Errorf("service %s: it is not built from the project, so --build has no use: leave it out to give %s to its process", service, name)
	}
	return nil
}

// BuildFlag is what the user says of the build of a service's Dockerfile: the value of an ARG, or without a name the stage.
type BuildFlag struct{ Service, Name, Value string }

var argName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ParseBuild reads flags of with-build.
func ParseBuild(service, target string, args []string) (flags []BuildFlag, err error) {
	if target == "" && len(args) == 0 {
		return nil, errors.New("nothing is said of the build: want --target STAGE, --arg NAME=VALUE or both")
	}
	if target != "" {
		flags = append(flags, BuildFlag{Service: service, Value: target})
	}
	for _, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		if !given || !argName.MatchString(name) {
			return nil, fmt.Errorf("arg %q: want NAME=VALUE for --arg, with the name of an ARG of the Dockerfile", arg)
		}
		flags = append(flags, BuildFlag{service, name, value})
	}
	return flags, nil
}

// Stage is the stage of a service's Dockerfile that the user wants, "" if he says none.
func Stage(flags []BuildFlag, service string) (stage string) {
	for _, flag := range flags {
		if flag.Service == service && flag.Name == "" {
			stage = flag.Value
		}
	}
	return stage
}

// Args are the values of ARGs of a service's Dockerfile.
func Args(flags []BuildFlag, service string) map[string]string {
	args := map[string]string{}
	for _, flag := range flags {
		if flag.Service == service && flag.Name != "" {
			args[flag.Name] = flag.Value
		}
	}
	return args
}

// Build is the project with what the user says of a build of its compose file. Of a service that is detected it is in the build already.
func (p Project) Build(flag BuildFlag) (Project, error) {
	if err := p.Check(flag.Service); err != nil {
		return p, err
	}
	p.Services = slices.Clone(p.Services)
	i := slices.IndexFunc(p.Services, func(s spec.Service) bool { return s.Name == flag.Service })
	switch {
	case i >= 0 && p.Services[i].Build.Dockerfile != "":
		return p, nil
	case i < 0 || p.Services[i].Build.Docker == nil:
		return p, fmt.Errorf("service %s: it is not built from a Dockerfile, so with-build has no use", flag.Service)
	}
	docker := *p.Services[i].Build.Docker
	p.Services[i].Build.Docker = &docker
	if flag.Name == "" {
		docker.Target = flag.Value
		return p, nil
	}
	docker.Args = append(slices.DeleteFunc(slices.Clone(docker.Args), func(arg spec.BuildVariable) bool { return arg.Name == flag.Name }),
		spec.BuildVariable{Name: flag.Name, Value: flag.Value})
	return p, nil
}

// Sourced is a service as its build sees it: with the variables that the user has given it, and those that say where others are, as far as
// that is known before the images are read.
func (p Project) Sourced(name string) spec.Service {
	s, _ := p.Service(name)
	s = p.overridden(s)
	if s.Described { // its file says what its build gets
		return s
	}
	unread := p.Unread()
	known := slices.DeleteFunc(s.Needs(), func(need string) bool { return slices.Contains(unread, need) })
	env := spec.Merge(p.exports(known), s.Process.Env)
	for i, v := range env {
		if value, known, err := p.value(p, v.Value); err == nil && known {
			env[i].Value = value
		}
	}
	s.Process.Env = env
	return s
}
