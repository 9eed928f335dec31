package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/spec"
)

// start builds all services at once, asks beside it whether the stack may begin, makes each container as soon as it is
// built, and waits until all are healthy: what needs others has its agent wait for them, with all else done. On the
// first failure everything that was started is stopped.
func (m *Stack) start(ctx context.Context, plan plan) (map[string]*dagger.Service, error) {
	services, err := m.assemble(plan, true)
	if err != nil {
		return nil, err
	}
	table := newTable(plan)
	starts := newStarts(plan)
	group, groupCtx := errgroup.WithContext(ctx)
	begun := make(chan struct{})
	group.Go(func() error {
		if err := m.begin(groupCtx, plan); err != nil {
			return err
		}
		close(begun)
		return m.await(groupCtx, plan, table.begun, starts)
	})
	for _, member := range plan.members {
		group.Go(func() error {
			name := member.spec.Name
			if err := m.build(groupCtx, member); err != nil {
				if groupCtx.Err() == nil { // otherwise another one failed first
					table.row(member, "failed", time.Now())
				}
				return err
			}
			before := []<-chan struct{}{begun}
			if m.Unprivileged {
				// Bound to what it needs, it would be started with it.
				for _, need := range member.spec.Needs {
					before = append(before, starts[need].healthy)
				}
			}
			for _, done := range before {
				select {
				case <-done:
				case <-groupCtx.Done():
					return groupCtx.Err()
				}
			}
			since, err := traced(groupCtx, m, "start", name, func(ctx context.Context) (time.Time, error) {
				return starts[name].run(ctx, services[name])
			})
			if err != nil {
				if groupCtx.Err() != nil {
					return groupCtx.Err()
				}
				table.row(member, "failed", time.Now())
				return m.startError(ctx, name, err)
			}
			table.row(member, "healthy", since)
			close(starts[name].healthy)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		// What waits for others has no reason to any more.
		_, giveUpErr := m.ask(context.WithoutCancel(ctx), command.GiveUp, m.request())
		m.abandon(ctx, services)
		return nil, errors.Join(err, giveUpErr)
	}
	return services, nil
}

// assemble makes the services. Together they are a stack, which begin has installed the agent for and in which they find
// each other; otherwise each brings the agent with it and is bound to those it needs, so that it can be started alone, by
// anybody. Without privileges there are no names but those of bindings.
func (m *Stack) assemble(plan plan, together bool) (map[string]*dagger.Service, error) {
	services := map[string]*dagger.Service{}
	for _, member := range plan.members {
		var needs map[string]*dagger.Service
		if !together || m.Unprivileged {
			needs = services
		}
		service, err := m.service(member.spec, member.container, together, needs)
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
		all.Go(func() { _, _ = service.Stop(ctx, dagger.ServiceStopOpts{Kill: true}) })
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

func (t *table) row(member member, state string, when time.Time) {
	port := "-"
	if i := slices.IndexFunc(member.spec.Ports, func(p spec.Port) bool { return p.Published != 0 }); i >= 0 {
		port = fmt.Sprint(member.spec.Ports[i].Published)
	}
	t.print(member.spec.Name, state, port, fmt.Sprintf("%.1f", when.Sub(t.begun).Seconds()), member.kind)
}

func (t *table) print(service, state, port, seconds, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Printf("%-*s  %-8s  %5s  %7s  %s\n", t.width, service, state, port, seconds, kind)
}
