package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"dagger/stack/bench/outside"
	"dagger/stack/bench/side"
)

// builds measures a start after a change of one source file: of a stack that is stopped, until the page says what the changed source
// says. The first build of each side is not counted: it compiles the language's own packages.
func (b *bench) builds(ctx context.Context) error {
	if err := b.compose.Daemon.Pull(ctx, "golang:1.26-alpine"); err != nil {
		return err
	}
	project, err := side.NewBuilt(b.compose.Daemon, b.root)
	if err != nil {
		return err
	}
	for i := range b.growth + 1 {
		for _, s := range []side.Side{project.Compose, project.Stack} {
			words := fmt.Sprintf("change %d, %s", i, s.Name())
			if err := project.Write(words); err != nil {
				return err
			}
			seconds, err := built(ctx, s, words)
			if err != nil {
				s.Abandon(context.WithoutCancel(ctx))
				return err
			}
			log.Printf("%s: up, one source file changed: %.2f s", s.Name(), seconds)
			if i > 0 {
				b.results.Add("up, one source file changed", s.Name(), "s", 0, seconds)
			}
		}
	}
	return project.Stack.Wipe(ctx)
}

// built is the time from the command until the page says those words. It ends the stack.
func built(ctx context.Context, s side.Side, words string) (seconds float64, err error) {
	begun := time.Now()
	if _, err := up(ctx, s); err != nil {
		return 0, err
	}
	if err := outside.Says(ctx, side.BuiltPort, words); err != nil {
		return 0, fmt.Errorf("%s: %w", s.Name(), err)
	}
	seconds = time.Since(begun).Seconds()
	_, err = down(ctx, s)
	return seconds, err
}
