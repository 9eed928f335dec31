package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/services"
	"dagger/stack/internal/spec"
)

// join makes the whole stack of its built-in services: without what was taken out, with what was added, each with its
// settings, in order of need.
func (m *Stack) join(ctx context.Context, p plan, options services.Options) (plan, error) {
	var builtIn []spec.Service
	for i := range p.members {
		for _, name := range m.Without {
			p.members[i].spec = services.Drop(p.members[i].spec, name)
		}
		builtIn = append(builtIn, p.members[i].spec)
	}
	added := make([]member, len(m.Own))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, own := range m.Own {
		group.Go(func() (err error) { added[i], err = m.added(groupCtx, own, p, options, builtIn); return err })
	}
	if err := group.Wait(); err != nil {
		return p, err
	}
	p.members = append(p.members, added...)
	if err := m.connect(&p); err != nil {
		return p, err
	}
	for i := range p.members {
		p.members[i].spec = m.set(p.members[i].spec)
	}
	if len(p.members) == 0 {
		return p, errors.New("nothing is left of the stack: every service was taken out")
	}
	return p.ordered()
}

// added is a service of the user's, ready but for its settings.
func (m *Stack) added(ctx context.Context, added *OwnService, p plan, options services.Options, builtIn []spec.Service) (member, error) {
	own, err := added.own()
	if err != nil {
		return member{}, err
	}
	if added.Like != "" {
		other, found := p.member(added.Like)
		if !found {
			return member{}, fmt.Errorf("service %s is made like the %s, which %s", added.Name, added.Like, p.lacks())
		}
		return member{
			spec: own.Like(other.spec, options, builtIn), kind: "like " + added.Like, container: other.container,
		}, nil
	}
	service := member{spec: own.Service(options, builtIn), kind: "your own", container: added.Container}
	if err := m.readImage(ctx, &service, "--command of with-service"); err != nil {
		return member{}, err
	}
	if own.User != "" {
		service.spec.Process.User = own.User
	}
	return service, nil
}

// connect sees to it that every need is there.
func (m *Stack) connect(p *plan) error {
	for _, added := range m.Own {
		own, err := added.own()
		if err != nil {
			return err
		}
		for _, name := range own.NeededBy {
			i := slices.Index(p.names(), name)
			if i < 0 {
				return fmt.Errorf("service %s is needed by %s, which %s", added.Name, name, p.lacks())
			}
			p.members[i].spec.Needs = append(slices.Clone(p.members[i].spec.Needs), added.Name)
		}
	}
	for _, member := range p.members {
		for _, need := range member.spec.Needs {
			if !slices.Contains(p.names(), need) {
				return fmt.Errorf("service %s needs %s, which %s", member.spec.Name, need, p.lacks())
			}
		}
	}
	return nil
}

// lacks says that something is not there.
func (p plan) lacks() string {
	return "the project does not have: the stack consists of " + strings.Join(p.names(), ", ")
}

// ordered is the plan with each service after those it needs.
func (p plan) ordered() (plan, error) {
	names, err := spec.Order(p.names(), func(name string) []string {
		member, _ := p.member(name)
		return member.spec.Needs
	})
	if err != nil {
		return p, err
	}
	var sorted plan
	for _, name := range names {
		member, _ := p.member(name)
		sorted.members = append(sorted.members, member)
	}
	return sorted, nil
}
