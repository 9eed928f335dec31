package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/outside"
	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

// stepTimeout bounds every single step: the first one builds the module and the example, on a machine that may be busy.
const stepTimeout = 20 * time.Minute

// prepare has all images on both sides, so that no measure waits for one.
func (b *bench) prepare(ctx context.Context, hello string) error {
	log.Print("images")
	daemon := b.compose.Daemon
	if err := daemon.Clear(ctx); err != nil {
		return err
	}
	for _, image := range []string{"postgres:15-alpine", "redis:7-alpine", "alpine:3"} {
		if err := daemon.Pull(ctx, image); err != nil {
			return err
		}
	}
	for _, app := range []string{"backend", "frontend"} {
		file := filepath.Join(b.root, "bench/compose", app+".Dockerfile")
		if err := daemon.Build(ctx, "stack-bench-"+app, file, filepath.Join(hello, app)); err != nil {
			return err
		}
	}
	docker, err := daemon.Version(ctx)
	if err != nil {
		return err
	}
	dagger, err := b.stack.Version(ctx)
	if err != nil {
		return err
	}
	compose, err := b.compose.Version(ctx)
	if err != nil {
		return err
	}
	b.results.Machine = machine.Describe()
	b.results.Versions = []string{dagger, docker + ", compose " + compose}
	// Each once, unmeasured: the module is loaded, the example built, the file cache warm.
	if err := b.stack.Empty(ctx); err != nil {
		return err
	}
	for _, s := range []side.Side{b.stack, b.compose} {
		if _, err := up(ctx, s); err != nil {
			return err
		}
		if err := end(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// up is the time until the outside client is served by all of the stack.
func up(run context.Context, s side.Starter) (seconds float64, err error) {
	begun := time.Now()
	if err := s.Up(run); err != nil { // which goes on for longer than this function
		return 0, err
	}
	ctx, cancel := context.WithTimeout(run, stepTimeout)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	go func() {
		if err := s.Failed(); err != nil {
			fail(err)
		}
	}()
	if err := outside.Served(ctx, s.Targets()...); err != nil {
		return 0, fmt.Errorf("%s: up: %w\n%w\n%s", s.Name(), err, context.Cause(ctx), s.Said())
	}
	seconds = time.Since(begun).Seconds()
	return seconds, s.Settle(ctx)
}

// down is the time until nobody listens any more.
func down(ctx context.Context, s side.Side) (seconds float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	begun := time.Now()
	done := make(chan error, 1)
	go func() { done <- s.Down(ctx) }()
	if err := outside.Gone(ctx, s.Targets()...); err != nil {
		return 0, fmt.Errorf("%s: down: %w", s.Name(), err)
	}
	seconds = time.Since(begun).Seconds()
	return seconds, <-done
}

func end(ctx context.Context, s side.Side) error {
	if _, err := down(ctx, s); err != nil {
		return err
	}
	return s.Wipe(ctx)
}

// cleanUp ends what a run that failed has left.
func (b *bench) cleanUp() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b.stack.Abandon(ctx)
	b.compose.Abandon(ctx)
}

// write leaves the results where people look for them.
func (o options) write(results *report.Results) error {
	dir, page := o.out, ""
	if dir == "" {
		dir, page = "../docs/bench", "../docs/benchmarks.md"
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := results.Write(filepath.Join(dir, "results.json")); err != nil {
		return err
	}
	plots, err := results.Plot(dir)
	if err != nil {
		return err
	}
	text := "\n" + results.Markdown() + "\n"
	fmt.Print(text)
	for _, plot := range plots {
		text += fmt.Sprintf("![%s](bench/%s)\n", plot, plot)
	}
	if page == "" {
		return nil
	}
	return report.Replace(page, text+"\n")
}
