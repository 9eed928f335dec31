package main

import (
	"context"
	"time"

	"dagger/stack/bench/side"
)

// fileServices is how many services the one compose file has.
const fileServices = 40

// file measures both sides on one compose file: how long it takes to understand the file, and to start what it says. The images are there,
// and on our side the file has been read once before.
func (b *bench) file(ctx context.Context) error {
	compose, stack, err := side.OneFile(b.compose.Daemon, b.root, fileServices)
	if err != nil {
		return err
	}
	type reader interface {
		side.Side
		Config(ctx context.Context) error
	}
	sides := []reader{stack} // once more, and not counted
	for range b.growth {
		sides = append(sides, compose, stack)
	}
	for i, s := range sides {
		begun := time.Now()
		if err := s.Config(ctx); err != nil {
			return err
		}
		config := time.Since(begun).Seconds()
		seconds, err := up(ctx, s)
		if err == nil && i > 0 {
			b.results.Add("config of one compose file", s.Name(), "s", fileServices, config)
			b.results.Add("up of one compose file", s.Name(), "s", fileServices, seconds)
		}
		if err == nil {
			_, err = down(ctx, s)
		}
		if err != nil {
			s.Abandon(context.WithoutCancel(ctx))
			return err
		}
	}
	return stack.Wipe(ctx)
}
