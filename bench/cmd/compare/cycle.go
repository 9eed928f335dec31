package main

import (
	"context"
	"fmt"
	"log"
	"syscall"
	"time"

	"dagger/stack/bench/outside"
	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

// cycles are the life of a stack, by one side after the other.
func (b *bench) cycles(ctx context.Context) error {
	for round := range b.rounds {
		log.Printf("cycle, round %d of %d", round+1, b.rounds)
		for _, s := range []side.Side{b.compose, b.stack} {
			if err := b.cycle(ctx, s); err != nil {
				return err
			}
		}
		if err := b.timed(report.EmptyCall, report.Dagger, func() error { return b.stack.Empty(ctx) }); err != nil {
			return err
		}
		b.add("a call of health, less an empty call", b.stack.Name(), b.last("health of all", b.stack.Name())-b.last(report.EmptyCall, report.Dagger))
	}
	return nil
}

func (b *bench) cycle(ctx context.Context, s side.Side) error {
	for _, measure := range []string{"up, empty data", "up, data is there"} {
		seconds, err := up(ctx, s)
		if err != nil {
			return err
		}
		b.add(measure, s.Name(), seconds)
		if measure == "up, empty data" {
			if seconds, err = down(ctx, s); err != nil {
				return err
			}
			b.add("down", s.Name(), seconds)
		}
	}
	overHTTP := []func(context.Context) error{s.Health, s.Logs} // compose has one way only: what the other way of ours is compared with
	if s == side.Side(b.stack) {
		overHTTP = []func(context.Context) error{b.stack.HealthOverHTTP, b.stack.LogsOverHTTP}
		if err := b.stack.ReadToken(ctx); err != nil { // which no row measures
			return err
		}
	}
	for _, step := range []struct {
		measure string
		do      func(context.Context) error
	}{
		{"up, nothing changed", s.Again}, {"health of all", s.Health}, {"the last 100 lines of all", s.Logs},
		{"health of all, over HTTP", overHTTP[0]}, {"the last 100 lines of all, over HTTP", overHTTP[1]},
		{"run true", s.Run},
		{"1,000 requests on kept connections", func(ctx context.Context) error {
			return outside.Keep(ctx, side.Target(s, "backend").Addr, "/health", 1000)
		}},
	} {
		if err := b.timed(step.measure, s.Name(), func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	for _, service := range []string{"redis", "backend"} {
		if err := b.restart(ctx, s, "restart of "+service, service, s.Restart); err != nil {
			return err
		}
		if s == side.Side(b.compose) { // which has one way only: what the other way of ours is compared with
			b.add("restart of "+service+", over HTTP", s.Name(), b.last("restart of "+service, s.Name()))
		} else {
			if err := b.restart(ctx, s, "restart of "+service+", over HTTP", service, b.stack.RestartOverHTTP); err != nil {
				return err
			}
		}
	}
	for _, service := range []string{"redis", "backend"} {
		if err := b.kill(ctx, s, service); err != nil {
			return err
		}
	}
	return end(ctx, s)
}

// restart is the time from the command until a new process serves, and how long nobody did.
func (b *bench) restart(ctx context.Context, s side.Side, measure, service string, do func(context.Context, string) error) error {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	if err := outside.Served(ctx, s.Targets()...); err != nil {
		return err
	}
	watch, err := outside.NewWatch(ctx, side.Target(s, service))
	if err != nil {
		return err
	}
	begun := time.Now()
	done := make(chan error, 1)
	go func() { done <- do(ctx, service) }()
	gap, err := watch.Replaced(ctx)
	if err != nil {
		return fmt.Errorf("%s: restart: %w", s.Name(), err)
	}
	b.add(measure, s.Name(), time.Since(begun).Seconds())
	b.add("of that, "+service+" did not answer", s.Name(), gap.Seconds())
	return <-done
}

// kill is the time from kill -9 of the service's process until a new one serves.
func (b *bench) kill(ctx context.Context, s side.Side, service string) error {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	// What was restarted before may be back so soon that a service which needs it still says 503.
	if err := outside.Served(ctx, s.Targets()...); err != nil {
		return err
	}
	pid, err := s.Process(service)
	if err != nil {
		return err
	}
	watch, err := outside.NewWatch(ctx, side.Target(s, service))
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("%s: kill %s: %w", s.Name(), service, err)
	}
	if _, err := watch.Replaced(ctx); err != nil {
		return fmt.Errorf("%s: kill -9: %w", s.Name(), err)
	}
	b.add("recovery of "+service+" from kill -9", s.Name(), time.Since(begun).Seconds())
	return nil
}

// last is what was measured last.
func (b *bench) last(measure, name string) float64 { return b.results.Find(measure, name, 0).Last() }

func (b *bench) add(measure, name string, seconds float64) {
	log.Printf("%s: %s: %.2f s", name, measure, seconds)
	b.results.Add(measure, name, "s", 0, seconds)
}

// timed is for what only the tool itself can tell.
func (b *bench) timed(measure, name string, do func() error) error {
	begun := time.Now()
	if err := do(); err != nil {
		return err
	}
	b.add(measure, name, time.Since(begun).Seconds())
	return nil
}
