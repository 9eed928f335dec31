package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/render"
	"dagger/stack/internal/spec"
)

// start builds all services at once, makes each container as soon as it is built and begin has let the stack begin, and waits until all are healthy. The container of a service that depends on others is made at once, too: the agent in it
// waits for the others before it starts the process. The gateway, if there is one, is a container more. On the first failure
// everything that was started is stopped.
func (m *Stack) start(ctx context.Context, plan plan, begin func() error, gateway *dagger.Service) (*starts, error) {
	services, err := m.assemble(plan, true)
	if err != nil {
		return nil, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	u := &starts{Stack: m, plan: plan, services: services, gateway: gateway, table: render.NewTable(plan.Project), begun: make(chan struct{}), of: newStarts(plan)}
	group.Go(func() error { return u.privileged(groupCtx) })
	group.Go(func() error {
		if err := begin(); err != nil {
			return err
		}
		close(u.begun)
		return u.await(groupCtx)
	})
	for _, s := range plan.Services {
		group.Go(func() error { return u.start(groupCtx, s, services[s.Name]) })
	}
	if gateway != nil {
		group.Go(func() error { return u.publish(groupCtx) })
	}
	if err := group.Wait(); err != nil {
		// What waits for others has no reason to any more.
		_, giveUpErr := m.ask(context.WithoutCancel(ctx), command.GiveUp, nil)
		if gateway != nil {
			services[""] = gateway
		}
		m.abandon(ctx, slices.Collect(maps.Values(services)))
		return nil, errors.Join(err, giveUpErr)
	}
	return u, nil
}

// starts are all services of one up on their way to health.
type starts struct {
	*Stack
	plan     plan
	services map[string]*dagger.Service
	table    *render.Table

	gateway   *dagger.Service // nil: nothing is published
	publishes atomic.Bool     // its container runs
	token     string          // of the API

	begun chan struct{} // closed when the stack may begin
	of    map[string]*starting
}

// failed are the services that have failed, though the up goes on.
func (u *starts) failed() (names []string) {
	for _, name := range u.plan.Names() {
		if u.of[name].failed {
			names = append(names, name)
		}
	}
	return names
}

// start brings one service up and says so in the table.
func (u *starts) start(ctx context.Context, s spec.Service, service *dagger.Service) error {
	failed := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err() // another one failed first
		}
		u.table.Row(s, "failed", time.Now())
		return err
	}
	if err := u.ready(ctx, u.plan, s); err != nil {
		return failed(err)
	}
	before := []<-chan struct{}{u.begun}
	if u.Unprivileged {
		// Bound to what it needs, it would be started with it.
		for _, need := range s.Needs() {
			before = append(before, u.of[need].settled)
		}
	}
	if err := all(ctx, before); err != nil {
		return err
	}
	outcome, err := traced(ctx, u.Stack, "start", s.Name, func(ctx context.Context) (outcome, error) {
		return u.of[s.Name].run(ctx, service)
	})
	if err != nil {
		if ctx.Err() == nil {
			err = u.startError(ctx, s, err)
		}
		return failed(err)
	}
	switch {
	case outcome.alone != "":
		u.of[s.Name].failed = true // read when all have settled
		u.table.Row(s, "failed", outcome.since)
		fmt.Println(u.startError(ctx, s, errors.New(outcome.alone)))
	case outcome.skipped != "":
		u.table.RowOf(s, "skipped", outcome.since, s.Kind+": "+outcome.skipped)
	case outcome.completed:
		u.table.Row(s, "completed", outcome.since)
	case s.Probe == nil:
		u.table.Row(s, "running", outcome.since)
	default:
		u.table.Row(s, "healthy", outcome.since)
	}
	close(u.of[s.Name].settled)
	return nil
}

// silentStart is how long no container may be made before the engine is asked whether it gives privileges.
const silentStart = 2 * time.Second

// privileged fails if the engine forbids the privileges that services have: it never answers the start of such a service. The question
// takes long and the time of a processor, so it is not asked of an engine that has made one of the containers meanwhile.
func (u *starts) privileged(ctx context.Context) error {
	if u.Unprivileged {
		return nil
	}
	asking, made := context.WithTimeout(ctx, silentStart)
	defer made()
	for _, start := range u.of {
		go func() {
			if all(asking, []<-chan struct{}{start.made}) == nil {
				made()
			}
		}()
	}
	if <-asking.Done(); !errors.Is(asking.Err(), context.DeadlineExceeded) || ctx.Err() != nil {
		return ctx.Err()
	}
	_, err := u.here(ctx)
	return err
}

// publish starts the gateway. It listens before all services work: await hears of it.
func (u *starts) publish(ctx context.Context) error {
	if err := all(ctx, []<-chan struct{}{u.begun}); err != nil {
		return err
	}
	_, err := u.gateway.Start(ctx)
	u.publishes.Store(err == nil)
	return err
}

// all waits until all channels are closed.
func all(ctx context.Context, channels []<-chan struct{}) error {
	for _, done := range channels {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// assemble makes the services. Together they are a stack, which begin has installed the agent for and in which they find
// each other; otherwise each brings the agent with it and is bound to those it needs, so that it can be started alone, by
// anybody. Without privileges there are no names but those of bindings.
func (m *Stack) assemble(plan plan, together bool) (map[string]*dagger.Service, error) {
	services := map[string]*dagger.Service{}
	for _, s := range plan.Services {
		var needs map[string]*dagger.Service
		if !together || m.Unprivileged {
			needs = services
		}
		service, err := m.service(s, plan, together, needs)
		if err != nil {
			return nil, err
		}
		services[s.Name] = service
	}
	return services, nil
}

// abandon stops what a failed start leaves. A function's session can go on for long after it, in somebody else's
// pipeline.
func (m *Stack) abandon(ctx context.Context, services []*dagger.Service) {
	ctx = context.WithoutCancel(ctx)
	var stopping sync.WaitGroup
	for _, service := range services {
		stopping.Go(func() { _, _ = service.Stop(ctx, dagger.ServiceStopOpts{Kill: true}) })
	}
	stopping.Wait()
}
