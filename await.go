package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
)

const (
	// gather is how long a service that has become healthy waits for others, to be told of at once. To be told of takes a process each
	// time, a tenth of a second of a quick up's end: so one of four services should be told of once.
	gather  = 3 * time.Second
	silence = 10 * time.Second // how long nothing may be heard of a container that runs
)

// starting is one service on its way to health.
type starting struct {
	made    chan struct{} // closed when its container runs
	outcome chan outcome  // of its start
	settled chan struct{} // closed when what needs it need not wait any longer
	failed  bool          // alone: the up goes on
}

// outcome is what has become of a service, or why the up has failed with it.
type outcome struct {
	since     time.Time
	completed bool
	skipped   string // why it need not have been run
	alone     string // why the service has failed, though the up goes on
	err       error
}

func newStarts(plan plan) map[string]*starting {
	starts := map[string]*starting{}
	for _, name := range plan.Names() {
		starts[name] = &starting{made: make(chan struct{}), outcome: make(chan outcome, 1), settled: make(chan struct{})}
	}
	return starts
}

// run makes the container and waits for what await hears of the service in it.
func (s *starting) run(ctx context.Context, service *dagger.Service) (outcome, error) {
	var ended *dagger.ExecError // so soon that the engine noticed: why, its agent has said
	if _, err := service.Start(ctx); err != nil && !errors.As(err, &ended) {
		return outcome{}, err
	}
	close(s.made)
	select {
	case outcome := <-s.outcome:
		return outcome, outcome.err
	case <-ctx.Done():
		return outcome{}, ctx.Err()
	}
}

// await hears of all services, until something has become of each of them or the up has failed with one, and of the gateway.
func (u *starts) await(ctx context.Context) error {
	published := u.gateway == nil
	all := control.Parts{Services: u.plan.Names(), LeftOut: u.plan.WithoutServices()}
	for waiting := all.Services; len(waiting) > 0 || !published; {
		request := control.WaitRequest{Services: waiting, All: all, Since: u.table.Begun, Gather: gather, Timeout: silence, Publish: u.gateway != nil, Publishes: u.publishes.Load()}
		if u.Unprivileged {
			request.Gather = 0 // somebody's container may be made only then
		}
		for name, start := range u.of {
			select {
			case <-start.made:
				request.Made = append(request.Made, name)
			default:
			}
		}
		waited, err := control.Answer[control.WaitResult](u.askSealed(ctx, command.Wait, request))
		if err != nil {
			return err
		}
		published, u.token = published || waited.Published, waited.Token
		told := map[string]outcome{}
		for _, healthy := range waited.Healthy {
			told[healthy.Service] = outcome{since: healthy.Since, completed: healthy.Completed, skipped: healthy.Skipped}
		}
		for _, failed := range waited.Alone {
			told[failed.Service] = outcome{since: time.Now(), alone: failed.Why}
		}
		for name, outcome := range told {
			u.of[name].outcome <- outcome
		}
		if failed := waited.Failed; failed != nil {
			u.of[failed.Service].outcome <- outcome{err: errors.New(failed.Why)}
			return nil
		}
		waiting = slices.DeleteFunc(waiting, func(name string) bool { _, is := told[name]; return is })
	}
	return nil
}
