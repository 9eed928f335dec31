package compose

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// Side is a program that runs compose projects: docker compose, or this project.
type Side interface {
	// Up starts a case and waits until nothing changes any more. That the program refuses or fails is part of the outcome, not an error.
	Up(ctx context.Context, c Case) (Outcome, error)
	// Stop ends the services of a case and keeps all else.
	Stop(ctx context.Context, c Case) (Outcome, error)
	// Observe is what there is to see now. Logs begin where the observation before ended.
	Observe(ctx context.Context, c Case) (Observation, error)
	// Down ends a case; with wipe nothing of it stays, without its volumes do.
	Down(ctx context.Context, c Case, wipe bool) error
}

// reader is a side that says how it understands a case's files.
type reader interface {
	Config(ctx context.Context, c Case) (string, error)
}

// Outcome is how a command ended.
type Outcome struct {
	Failed bool
	Says   string   // its last words, if it failed
	Warns  []string // what it warned of
}

// Run does a case's steps on a side. Folder is where the case is in the repository.
func Run(ctx context.Context, side Side, c Case, folder string) (truth Truth, err error) {
	defer func() {
		if e := side.Down(context.WithoutCancel(ctx), c, true); err == nil && e != nil {
			err = fmt.Errorf("%s: down: %w", c.Name, e)
		}
	}()
	if r, ok := side.(reader); ok {
		if truth.Config, err = r.Config(ctx, c); err != nil {
			return truth, fmt.Errorf("%s: config: %w", c.Name, err)
		}
	}
	for _, step := range c.Steps {
		var outcome Outcome
		switch step {
		case Up:
			outcome, err = side.Up(ctx, c)
		case Stop:
			outcome, err = side.Stop(ctx, c)
		case Down:
			err = side.Down(ctx, c, false)
		case Change:
			err = c.script(folder, changeScript)
		default:
			err = fmt.Errorf("unknown step: want up, stop, down or change")
		}
		if err != nil {
			return truth, fmt.Errorf("%s: %s: %w", c.Name, step, err)
		}
		if step == Down || step == Change {
			continue
		}
		seen := Seen{Step: string(step)}
		if seen.Observation, err = side.Observe(ctx, c); err != nil {
			return truth, fmt.Errorf("%s: observe after %s: %w", c.Name, step, err)
		}
		seen.Failed, seen.Says = outcome.Failed, outcome.Says
		truth.Steps = append(truth.Steps, seen)
		if len(truth.Steps) == 1 {
			truth.Warns = outcome.Warns
		}
	}
	return truth, nil
}

// Folders are those of the cases, good and bad, whose names match one of the patterns; of all cases, if there is no pattern.
func Folders(below string, patterns ...string) ([]string, error) {
	if len(patterns) == 0 {
		patterns = []string{"*"}
	}
	var all []string
	for _, pattern := range patterns {
		good, err := filepath.Glob(filepath.Join(below, "cases", pattern))
		bad, e := filepath.Glob(filepath.Join(below, "bad", pattern))
		if err := errors.Join(err, e); err != nil {
			return nil, err
		}
		if len(good)+len(bad) == 0 {
			return nil, fmt.Errorf("no case %s in %s/cases and %s/bad", pattern, below, below)
		}
		all = append(append(all, good...), bad...)
	}
	return all, nil
}
