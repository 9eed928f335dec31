package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/spec"
)

// start builds all services at once, starts each as soon as what it needs is healthy, and waits until all are. On
// the first failure everything that was started is stopped.
func (m *Stack) start(ctx context.Context, plan plan) (map[string]*dagger.Service, error) {
	services, err := m.assemble(plan)
	if err != nil {
		return nil, err
	}
	table := newTable(plan)
	ready := map[string]chan struct{}{}
	for _, member := range plan.members {
		ready[member.spec.Name] = make(chan struct{})
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, member := range plan.members {
		group.Go(func() error {
			name := member.spec.Name
			if _, err := m.built(groupCtx, name, member.container); err != nil {
				if groupCtx.Err() == nil { // otherwise another one failed first
					table.row(member, "failed")
				}
				return err
			}
			for _, need := range member.spec.Needs {
				select {
				case <-ready[need]:
				case <-groupCtx.Done():
					return groupCtx.Err()
				}
			}
			if _, err := traced(groupCtx, m, "start", name, services[name].Start); err != nil {
				if groupCtx.Err() != nil {
					return groupCtx.Err()
				}
				table.row(member, "failed")
				return m.startError(ctx, name, err)
			}
			table.row(member, "healthy")
			close(ready[name])
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		m.abandon(ctx, services)
		return nil, err
	}
	return services, nil
}

// assemble makes the services, each bound to those it needs.
func (m *Stack) assemble(plan plan) (map[string]*dagger.Service, error) {
	services := map[string]*dagger.Service{}
	for _, member := range plan.members {
		service, err := m.service(member.spec, member.container, services)
		if err != nil {
			return nil, err
		}
		services[member.spec.Name] = service
	}
	return services, nil
}

// abandon stops what a failed start leaves. A function's session can go on for long after it, in somebody else's
// pipeline.
func (m *Stack) abandon(ctx context.Context, services map[string]*dagger.Service) {
	ctx = context.WithoutCancel(ctx)
	var all sync.WaitGroup
	for _, service := range services {
		all.Go(func() { service.Stop(ctx, dagger.ServiceStopOpts{Kill: true}) })
	}
	all.Wait()
}

// table prints a line as each service becomes healthy.
type table struct {
	mu    sync.Mutex
	begun time.Time
	width int
}

func newTable(plan plan) *table {
	t := &table{begun: time.Now(), width: len("SERVICE")}
	for _, name := range plan.names() {
		t.width = max(t.width, len(name))
	}
	t.print("SERVICE", "STATE", "PORT", "SECONDS", "")
	return t
}

func (t *table) row(member member, state string) {
	port := "-"
	if i := slices.IndexFunc(member.spec.Ports, func(p spec.Port) bool { return p.Published != 0 }); i >= 0 {
		port = fmt.Sprint(member.spec.Ports[i].Published)
	}
	t.print(member.spec.Name, state, port, fmt.Sprintf("%.1f", time.Since(t.begun).Seconds()), member.kind)
}

func (t *table) print(service, state, port, seconds, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Printf("%-*s  %-8s  %5s  %7s  %s\n", t.width, service, state, port, seconds, kind)
}
