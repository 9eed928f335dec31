package main

import (
	"context"
	"fmt"
	"log"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/side"
)

// reader is a side that says how it understands the project.
type reader interface {
	side.Side
	Config(ctx context.Context) error
}

// grow measures stacks of more and more small servers: one compose file, which both sides read.
func (b *bench) grow(ctx context.Context) error {
	for _, size := range strings.Split(b.sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return fmt.Errorf("size %q: want a number of services", size)
		}
		compose, stack, err := side.OneFile(b.compose.Daemon, b.root, n)
		if err != nil {
			return err
		}
		sides := []reader{stack} // once more, and not counted: the file is read for the first time
		for range b.growth {
			sides = append(sides, compose, stack)
		}
		for i, s := range sides {
			if err := b.many(ctx, s, n, i > 0); err != nil {
				s.Abandon(context.WithoutCancel(ctx))
				return err
			}
		}
		if err := stack.Wipe(ctx); err != nil {
			return err
		}
		if err := b.alone(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// alone is what Dagger takes for as many containers without anything of ours. The first time is not counted here, either.
func (b *bench) alone(ctx context.Context, n int) error {
	alone := side.NewAlone(b.root, n)
	defer alone.Abandon(context.WithoutCancel(ctx))
	for i := range b.growth + 1 {
		seconds, err := up(ctx, alone)
		if err != nil {
			return err
		}
		log.Printf("%s, %d containers: up: %.2f s", alone.Name(), n, seconds)
		if i > 0 {
			b.results.Add("up", alone.Name(), "s", n, seconds)
		}
		alone.Abandon(ctx)
	}
	return nil
}

func (b *bench) many(ctx context.Context, s reader, n int, counts bool) error {
	add := func(measure, unit string, value float64) {
		log.Printf("%s of %d services: %s: %.2f %s", s.Name(), n, measure, value, unit)
		if counts {
			b.results.Add(measure, s.Name(), unit, n, value)
		}
	}
	begun := time.Now()
	if err := s.Config(ctx); err != nil {
		return err
	}
	add("config", "s", time.Since(begun).Seconds())
	seconds, err := up(ctx, s)
	if err != nil {
		return err
	}
	add("up", "s", seconds)
	for _, step := range []struct {
		measure string
		do      func(context.Context) error
	}{{"health of all", s.Health}, {"the last 100 lines of all", s.Logs}} {
		begun := time.Now()
		if err := step.do(ctx); err != nil {
			return err
		}
		add(step.measure, "s", time.Since(begun).Seconds())
	}
	use, err := useOf(s.Overhead)
	if err != nil {
		return err
	}
	add("memory beside the services", "MiB", float64(use.Memory)/mib)
	if seconds, err = down(ctx, s); err != nil {
		return err
	}
	add("down", "s", seconds)
	return nil
}
