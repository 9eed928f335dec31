package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/build"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/project"
	"dagger/stack/internal/source"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

// plan is a resolved stack and the container of each service, before the agent is in it.
type plan struct {
	project.Project
	containers map[string]*dagger.Container
	built      map[string]bool // the container is known to be ready to run
	files      folder.Folder
	texts      map[string]string // of secrets that the project's files have, by name
}

// plan finds out what a project's stack consists of. narrow, if there is one, leaves a part of it.
func (m *Stack) plan(ctx context.Context, files folder.Folder, narrow func(project.Project) (project.Project, error)) (plan, error) {
	p := plan{containers: map[string]*dagger.Container{}, built: map[string]bool{}, files: files}
	var err error
	if p.Project, err = m.described(ctx, files); err != nil {
		return p, err
	}
	for _, note := range p.Notes {
		fmt.Println(note)
	}
	if narrow != nil {
		if p.Project, err = narrow(p.Project); err != nil {
			return p, err
		}
	}
	if err := m.read(ctx, &p, files); err != nil {
		return p, err
	}
	if p.Project, err = p.Resolve(); err != nil {
		return p, err
	}
	for i, s := range p.Services {
		if p.Services[i].Once, err = files.Once(ctx, s); err != nil {
			return p, err
		}
		if p.containers[s.Name] == nil {
			if p.containers[s.Name] = p.containers[s.Like]; p.containers[s.Name] != nil {
				continue
			}
			if p.containers[s.Name], err = m.builder(p.Project, files).Container(ctx, s); err != nil {
				return p, err
			}
			p.containers[s.Name] = m.withInit(s, p.containers[s.Name])
		}
	}
	p.Project, p.texts = p.Conceal()
	return p, nil
}

// described is what the project's files say, and what the user says over it.
func (m *Stack) described(ctx context.Context, files folder.Folder) (project.Project, error) {
	p, err := m.source(ctx, files)
	if err != nil {
		return p, p.Faults(err, m.set)
	}
	if m.RedisNoPassword {
		if p, err = p.Open(); err != nil {
			return p, err
		}
	}
	if files.All != nil {
		if p, err = p.Migrate(m.Migrate, m.without()); err != nil {
			return p, err
		}
	}
	if p, err = m.set(p); err != nil {
		return p, err
	}
	if err := m.checkInit(ctx, p); err != nil {
		return p, err
	}
	return p, errors.Join(p.CheckSecrets(func(name string) bool { return m.secret(name) != nil }), p.CheckVariables())
}

// source is what the project's files say. Without a project there are the databases.
func (m *Stack) source(ctx context.Context, files folder.Folder) (project.Project, error) {
	if files.All == nil {
		return detect.Databases(m.name()), nil
	}
	return traced(ctx, m, "detect", "", func(ctx context.Context) (project.Project, error) {
		return source.Read(folder.FS(ctx, files.All), folder.FS(ctx, files.Tracked), m.name(), m.options())
	})
}

// builds are what the user says of the builds of Dockerfiles.
func (m *Stack) builds() (flags []project.BuildFlag) {
	for _, setting := range m.Settings {
		if setting.Build && setting.Secret == nil {
			flags = append(flags, project.BuildFlag{Service: setting.Service, Name: setting.Variable, Value: setting.Value})
		}
	}
	return flags
}

// without are the services that the user has taken out.
func (m *Stack) without() (names []string) {
	for _, setting := range m.Settings {
		if setting.Without {
			names = append(names, setting.Service)
		}
	}
	return names
}

// added are the services that the user has added.
func (m *Stack) added() (names []string) {
	for _, setting := range m.Settings {
		if setting.Custom != nil {
			names = append(names, setting.Service)
		}
	}
	return names
}

// builder makes the containers of a project's services.
func (m *Stack) builder(p project.Project, files folder.Folder) build.Builder {
	return build.Builder{Project: p, Files: files, SSH: m.BuildSSH, Secrets: m.buildSecrets}
}

// read builds the images that have to be read, all at once, and takes what they say into the project.
func (m *Stack) read(ctx context.Context, p *plan, files folder.Folder) error {
	from := m.builder(p.Project, files) // p's own is changed below
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	for _, name := range p.Unread() {
		group.Go(func() error {
			s := from.Project.Sourced(name)
			container := m.customContainer(name)
			if container == nil {
				var err error
				if container, err = from.Container(groupCtx, s); err != nil {
					return err
				}
			}
			called := cmp.Or(s.InstanceOf, name) // in the file
			container, err := m.built(groupCtx, called, container)
			if err != nil {
				return err
			}
			image, err := build.ReadImage(groupCtx, container)
			if err != nil {
				return build.Error(called, err)
			}
			if docker := s.Build.Docker; docker != nil && (docker.SSH || len(docker.Secrets) > 0) {
				container = build.WithoutSecrets(container, docker.Platform, image)
			}
			mu.Lock()
			defer mu.Unlock()
			p.containers[name], p.built[name] = build.WithoutPorts(container, image), true
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

// ready makes a service's container ready to run, unless it is already.
func (m *Stack) ready(ctx context.Context, p plan, s spec.Service) error {
	if p.built[s.Name] {
		return nil
	}
	_, err := m.built(ctx, s.Name, p.containers[s.Name])
	return err
}
