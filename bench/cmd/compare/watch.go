package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

// saveTimeout bounds one save until it is served.
const saveTimeout = 2 * time.Minute

// watch is the time from a save until it is served, while somebody edits. The first two saves of each file are not counted.
func (b *bench) watch(ctx context.Context) error {
	sizes, err := numbers(b.files)
	if err != nil {
		return err
	}
	for _, files := range sizes {
		if err := b.watched(ctx, files, func(w *side.Watched) error { return b.saves(ctx, w, files) }); err != nil {
			return err
		}
	}
	return nil
}

// watched starts a project on both sides.
func (b *bench) watched(ctx context.Context, files int, do func(*side.Watched) error) (err error) {
	log.Printf("a project of %d files", files)
	w, err := side.NewWatched(b.compose.Daemon, b.root, files)
	if err != nil {
		return err
	}
	if err := w.Build(ctx); err != nil {
		return err
	}
	for _, s := range []side.Side{w.Compose, w.Stack} {
		defer s.Abandon(context.WithoutCancel(ctx))
		if _, err := up(ctx, s); err != nil {
			return err
		}
	}
	if err := do(w); err != nil {
		return err
	}
	for _, s := range []side.Side{w.Compose, w.Stack} {
		if err := end(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) saves(ctx context.Context, w *side.Watched, files int) error {
	compose, err := w.WatchCompose(ctx)
	if err != nil {
		return err
	}
	defer compose.End()
	stack, err := w.WatchStack(ctx)
	if err != nil {
		return err
	}
	defer stack.End()
	const uncounted = 2
	for i := range uncounted + b.saved {
		for _, s := range []struct {
			name string
			*side.Watcher
		}{{report.Compose, compose}, {report.Stack, stack}} {
			for _, part := range []struct {
				name string
				save func(context.Context, string) (time.Duration, error)
			}{{"backend", s.SaveBackend}, {"frontend (HMR)", s.SaveFrontend}} {
				pause(ctx)
				bound, cancel := context.WithTimeout(ctx, saveTimeout)
				took, err := part.save(bound, fmt.Sprintf("edit %d of %d", i, time.Now().UnixNano()))
				cancel()
				if err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				if i >= uncounted {
					b.results.Add(fmt.Sprintf("saved to served, %s, %d files", part.name, files), s.name, "s", 0, took.Seconds())
				}
			}
		}
		if i%10 == 0 {
			log.Printf("save %d of %d", i, b.saved)
		}
	}
	return nil
}

// pause is the time between two saves of somebody who edits.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(500*time.Millisecond + time.Duration(rand.Int64N(int64(2*time.Second)))): //nolint:gosec // no secret
	}
}

const (
	// quietSpell is how long nobody edits before it is measured what watching costs then, and quietFor how long that is measured.
	quietSpell, quietFor = 5 * time.Minute, 2 * time.Minute
	// longWatch is how long 3,600 looks take at least while somebody edits: five a second, and what each takes.
	longWatch = 24 * time.Minute
)

// watching is what watching costs: the CPU when nobody edits, at the largest project, and the memory that many looks add, at the smallest.
func (b *bench) watching(ctx context.Context) error {
	sizes, err := numbers(b.files)
	if err != nil {
		return err
	}
	smallest, largest := sizes[0], sizes[len(sizes)-1]
	err = b.watched(ctx, largest, func(w *side.Watched) error { return b.quietWatch(ctx, w, largest) })
	if err != nil {
		return err
	}
	return b.watched(ctx, smallest, func(w *side.Watched) error { return b.longWatch(ctx, w, smallest) })
}

// watchUse is what the engine, the calls and the functions use that run now, by what they are.
func (b *bench) watchUse(w *side.Watched, more ...int) (map[string]machine.Use, error) {
	all, err := machine.Processes()
	if err != nil {
		return nil, err
	}
	engine, err := w.Stack.Engine()
	if err != nil {
		return nil, err
	}
	beside, err := w.Stack.Overhead()
	if err != nil {
		return nil, err
	}
	call := slices.DeleteFunc(slices.Clone(all), func(p machine.Process) bool { return !slices.Contains(more, p.PID) })
	functions := slices.DeleteFunc(all, func(p machine.Process) bool { return p.Args[0] != "/runtime" })
	uses := map[string]machine.Use{}
	for name, some := range map[string][]machine.Process{"engine": engine, "beside": beside, "call": call, "function": functions} {
		if uses[name], err = machine.UseOf(some); err != nil {
			return nil, err
		}
	}
	return uses, nil
}

// load is the share of a core that all of it takes for a while.
func (b *bench) load(ctx context.Context, w *side.Watched, more ...int) (float64, error) {
	before, err := b.watchUse(w, more...)
	if err != nil {
		return 0, err
	}
	if err := rest(ctx, quietFor); err != nil {
		return 0, err
	}
	after, err := b.watchUse(w, more...)
	var used time.Duration
	for name, use := range after {
		used += use.CPU - before[name].CPU
	}
	return 100 * used.Seconds() / quietFor.Seconds(), err
}

func (b *bench) quietWatch(ctx context.Context, w *side.Watched, files int) error {
	if err := rest(ctx, quietFor); err != nil { // what the start has left to do
		return err
	}
	without, err := b.load(ctx, w)
	if err != nil {
		return err
	}
	stack, err := w.WatchStack(ctx)
	if err != nil {
		return err
	}
	defer stack.End()
	if _, err := stack.SaveBackend(ctx, "the last edit"); err != nil {
		return err
	}
	if err := rest(ctx, quietSpell); err != nil {
		return err
	}
	with, err := b.load(ctx, w, stack.PID())
	b.results.Add(fmt.Sprintf("CPU of watching %d files, nobody edits", files), report.Stack, "% of a core", 0, with-without)
	return err
}

func (b *bench) longWatch(ctx context.Context, w *side.Watched, files int) error {
	stack, err := w.WatchStack(ctx)
	if err != nil {
		return err
	}
	defer stack.End()
	edit := func(i int) error {
		_, err := stack.SaveBackend(ctx, fmt.Sprintf("edit %d", i))
		return err
	}
	for i := range 3 { // what is kept once
		if err := edit(-i - 1); err != nil {
			return err
		}
		if err := rest(ctx, 20*time.Second); err != nil {
			return err
		}
	}
	before, err := b.watchUse(w, stack.PID())
	if err != nil {
		return err
	}
	for begun, i := time.Now(), 0; time.Since(begun) < longWatch; i++ {
		if err := edit(i); err != nil {
			return err
		}
		if err := rest(ctx, time.Minute); err != nil {
			return err
		}
	}
	after, err := b.watchUse(w, stack.PID())
	if err != nil {
		return err
	}
	var said []string
	for _, name := range []string{"engine", "call", "function"} {
		grown := float64(after[name].Memory-before[name].Memory) / mib
		said = append(said, fmt.Sprintf("%s %.1f MiB", name, grown))
		b.results.Add(fmt.Sprintf("memory that 3600 looks at %d files add, %s", files, name), report.Stack, "MiB", 0, grown)
	}
	log.Printf("memory that %s of watching adds: %s", longWatch, strings.Join(said, ", "))
	return nil
}

// numbers are those of a list with commas.
func numbers(text string) (all []int, err error) {
	for _, word := range strings.Split(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 10 {
			return nil, fmt.Errorf("files %q: want numbers of at least 10", word)
		}
		all = append(all, n)
	}
	return all, nil
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
