package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

// plan is a resolved stack and the container of each service, before the agent is in it.
type plan struct {
	project.Project
	containers map[string]*dagger.Container
	built      map[string]bool // the container is known to be ready to run
}

// plan finds out what a project's stack consists of; of only, if it is not empty: that service and what it needs.
func (m *Stack) plan(ctx context.Context, directory *dagger.Directory, only string) (plan, error) {
	p := plan{containers: map[string]*dagger.Container{}, built: map[string]bool{}}
	var err error
	if p.Project, err = m.source(ctx, directory); err != nil {
		return p, err
	}
	for _, note := range p.Notes {
		fmt.Println(note)
	}
	if p.Project, err = m.set(p.Project); err != nil {
		return p, err
	}
	if only != "" {
		if p.Project, err = p.Only(only); err != nil {
			return p, err
		}
	}
	if err := m.read(ctx, &p, directory); err != nil {
		return p, err
	}
	if p.Project, err = p.Resolve(); err != nil {
		return p, err
	}
	for _, s := range p.Services {
		if p.containers[s.Name] == nil {
			if p.containers[s.Name], err = m.base(ctx, s.Build, directory); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// source is what the project's files say. Without a project there are the databases.
func (m *Stack) source(ctx context.Context, directory *dagger.Directory) (project.Project, error) {
	without := func(name string) bool {
		return slices.ContainsFunc(m.Settings, func(s *Setting) bool { return s.Without && s.Service == name })
	}
	options := detect.Options{
		BackendDir: m.BackendDir, FrontendDir: m.FrontendDir, NoBackend: without("backend"), NoFrontend: without("frontend"),
	}
	if directory == nil || options.NoBackend && options.NoFrontend {
		return detect.Databases(m.Name), nil
	}
	var err error
	if options.BackendCommand, err = project.Command(m.BackendCommand); err != nil {
		return project.Project{}, err
	}
	if options.FrontendCommand, err = project.Command(m.FrontendCommand); err != nil {
		return project.Project{}, err
	}
	return traced(ctx, m, "detect", "", func(ctx context.Context) (project.Project, error) {
		found, err := detect.Project(projectFS{ctx, directory}, options)
		return found.Stack(m.Name), err
	})
}

// read builds the images that have to be read, all at once, and takes what they say into the project.
func (m *Stack) read(ctx context.Context, p *plan, directory *dagger.Directory) error {
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	for _, name := range p.Unread() {
		group.Go(func() error {
			container := m.customContainer(name)
			if container == nil {
				s, _ := p.Service(name)
				var err error
				if container, err = m.base(groupCtx, s.Build, directory); err != nil {
					return err
				}
			}
			container, err := m.built(groupCtx, name, container)
			if err != nil {
				return err
			}
			image, err := readImage(groupCtx, container)
			if err != nil {
				return buildError(name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			p.containers[name], p.built[name] = container, true
			p.Project, err = p.Project.Read(name, image)
			return err
		})
	}
	return group.Wait()
}

// customContainer is the container that the user gave to a service, nil if there is none.
func (m *Stack) customContainer(name string) (container *dagger.Container) {
	for _, setting := range m.Settings {
		if setting.Custom != nil && setting.Service == name {
			container = setting.Custom.Container
		}
	}
	return container
}

// readImage asks what only an image knows.
func readImage(ctx context.Context, container *dagger.Container) (image project.Image, err error) {
	if image.Entrypoint, err = container.Entrypoint(ctx); err != nil {
		return image, err
	}
	if image.Cmd, err = container.DefaultArgs(ctx); err != nil {
		return image, err
	}
	if image.Workdir, err = container.Workdir(ctx); err != nil {
		return image, err
	}
	image.User, err = container.User(ctx)
	return image, err
}

// ready makes a service's container ready to run, unless it is already.
func (m *Stack) ready(ctx context.Context, p plan, s spec.Service) error {
	if p.built[s.Name] {
		return nil
	}
	_, err := m.built(ctx, s.Name, p.containers[s.Name])
	return err
}
