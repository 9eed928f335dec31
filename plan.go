package main

import (
	"context"
	"fmt"
	"slices"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/gateway"
	"dagger/stack/internal/services"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

// plan is a stack's services in order of need.
type plan struct{ members []member }

// member is one service and the container it runs in.
type member struct {
	spec      spec.Service
	kind      string // what it was detected as, e.g. "FastAPI"
	container *dagger.Container
	built     bool // the container is known to be ready to run
}

func (p plan) names() []string {
	var names []string
	for _, member := range p.members {
		names = append(names, member.spec.Name)
	}
	return names
}

func (p plan) member(name string) (member, bool) {
	i := slices.IndexFunc(p.members, func(m member) bool { return m.spec.Name == name })
	if i < 0 {
		return member{}, false
	}
	return p.members[i], true
}

// routes are the published ports and where they lead.
func (p plan) routes() (g gateway.Gateway) {
	for _, member := range p.members {
		for _, port := range member.spec.Ports {
			if port.Published != 0 {
				g.Routes = append(g.Routes, gateway.Route{Listen: port.Published, Service: member.spec.Name, Port: uint16(port.Container)})
			}
		}
	}
	return g
}

// plan finds out what a project's stack consists of.
func (m *Stack) plan(ctx context.Context, project *dagger.Directory) (plan, error) {
	options, err := m.options()
	if err != nil {
		return plan{}, err
	}
	p, err := m.builtIn(ctx, project, options)
	if err != nil {
		return p, err
	}
	return m.join(ctx, p, options)
}

// builtIn are those of the built-in services that the stack has, in order of need.
func (m *Stack) builtIn(ctx context.Context, project *dagger.Directory, options services.Options) (plan, error) {
	var p plan
	for _, service := range []spec.Service{services.Postgres(options), services.Redis(options)} {
		if !m.without(service.Name) {
			p.members = append(p.members, m.plain(service))
		}
	}
	if project == nil || m.without(services.BackendName) && m.without(services.FrontendName) {
		return p, nil
	}
	found, err := m.detect(ctx, project)
	if err != nil {
		return p, err
	}
	for _, note := range found.Notes {
		fmt.Println(note)
	}
	if found.Backend != nil {
		member, err := m.app(ctx, project, *found.Backend, services.Backend(options, *found.Backend))
		if err != nil {
			return p, err
		}
		p.members = append(p.members, member)
	}
	if found.Frontend != nil {
		member, err := m.app(ctx, project, *found.Frontend, services.Frontend(options, *found.Frontend, found.Backend))
		if err != nil {
			return p, err
		}
		p.members = append(p.members, member)
	}
	return p, nil
}

func (m *Stack) without(name string) bool { return slices.Contains(m.Without, name) }

func (m *Stack) detect(ctx context.Context, project *dagger.Directory) (detect.Result, error) {
	options := detect.Options{
		BackendDir: m.BackendDir, FrontendDir: m.FrontendDir,
		BackendPort: services.BackendPort, FrontendPort: services.FrontendPort,
		NoBackend: m.without(services.BackendName), NoFrontend: m.without(services.FrontendName),
	}
	for _, given := range []struct {
		text  string
		words *[]string
	}{{m.BackendCommand, &options.BackendCommand}, {m.FrontendCommand, &options.FrontendCommand}} {
		if given.text != "" {
			words, err := shell.Split(given.text)
			if err != nil {
				return detect.Result{}, err
			}
			*given.words = words
		}
	}
	return traced(ctx, m, "detect", "", func(ctx context.Context) (detect.Result, error) {
		return detect.Project(projectFS{ctx, project}, options)
	})
}

// app is a service made from the project's own code, without what its .dockerignore names.
func (m *Stack) app(ctx context.Context, project *dagger.Directory, found detect.Service, s spec.Service) (member, error) {
	project, err := source(ctx, project, found.Dir)
	if err != nil {
		return member{}, err
	}
	app := member{spec: s, kind: found.Kind, container: m.base(s.Build, project)}
	if s.Build.Dockerfile != "" {
		err = m.readImage(ctx, &app, "--"+s.Name+"-command")
	}
	return app, err
}

// source is a project without what the .dockerignore of a service's folder names.
func source(ctx context.Context, project *dagger.Directory, dir string) (*dagger.Directory, error) {
	exclude, err := detect.DockerIgnore(projectFS{ctx, project}, dir)
	if err != nil || len(exclude) == 0 {
		return project, err
	}
	return project.Filter(dagger.DirectoryFilterOpts{Exclude: exclude}), nil
}

func (m *Stack) plain(s spec.Service) member {
	return member{spec: s, kind: s.Build.Image, container: m.base(s.Build, nil)}
}

func (m *Stack) options() (services.Options, error) {
	limits, err := m.limits()
	return services.Options{
		Stack:        m.Name,
		PostgresPort: m.PostgresPort, RedisPort: m.RedisPort, BackendPort: m.BackendPort, FrontendPort: m.FrontendPort,
		PostgresImage: m.PostgresImage, RedisImage: m.RedisImage,
		HealthPaths: map[string]string{
			services.BackendName: m.BackendHealthPath, services.FrontendName: m.FrontendHealthPath,
		},
		Limits:    limits,
		Restart:   spec.Restart{Policy: spec.RestartPolicy(m.RestartPolicy), OnUnhealthy: m.OnUnhealthy == "restart"},
		Ephemeral: m.Ephemeral, WritableSource: m.WritableSource,
	}, err
}
