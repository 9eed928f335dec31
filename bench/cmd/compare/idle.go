package main

import (
	"context"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

const mib = 1 << 20

// idle lets both stacks run and do nothing, and looks at what that costs.
func (b *bench) idle(ctx context.Context) error {
	for _, s := range []side.Side{b.compose, b.stack} {
		if _, err := up(ctx, s); err != nil {
			return err
		}
	}
	groups := []struct {
		side, memory, cpu string
		find              func() ([]machine.Process, error)
	}{
		{report.Stack, "memory beside the services", "CPU beside the services, idle", b.stack.Overhead},
		{report.Compose, "memory beside the services", "CPU beside the services, idle", b.compose.Overhead},
		{report.Dagger, "memory of the engine", "CPU of the engine, idle", b.stack.Engine},
		{report.Stack, "", "CPU of the agents, idle", b.stack.Agents},
	}
	uses := func() (all []machine.Use, err error) {
		for _, group := range groups {
			use, err := useOf(group.find)
			if err != nil {
				return nil, err
			}
			all = append(all, use)
		}
		return all, nil
	}
	before, err := uses()
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(b.rest):
	}
	after, err := uses()
	if err != nil {
		return err
	}
	for i, group := range groups {
		if group.memory != "" {
			b.results.Add(group.memory, group.side, "MiB", 0, float64(after[i].Memory)/mib)
		}
		b.results.Add(group.cpu, group.side, "% of a core", 0, 100*(after[i].CPU-before[i].CPU).Seconds()/b.rest.Seconds())
	}
	if err := b.agentMemory(); err != nil {
		return err
	}
	for _, s := range []side.Side{b.compose, b.stack} {
		if err := end(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// useOf is what the processes take that are found.
func useOf(find func() ([]machine.Process, error)) (use machine.Use, err error) {
	processes, err := find()
	if err != nil {
		return use, err
	}
	return machine.UseOf(processes)
}

// agentMemory is what each agent of the running stack takes.
func (b *bench) agentMemory() error {
	agents, err := b.stack.Agents()
	if err != nil {
		return err
	}
	for _, agent := range agents {
		memory, err := machine.Anonymous(agent.PID)
		if err != nil {
			return err
		}
		b.results.Add("memory of one agent", report.Stack, "MiB", 0, float64(memory)/mib)
	}
	return nil
}
