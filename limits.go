package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/limits"
)

// The same stack with other limits for one service, or for all
//
// Chains, as in `with-limits --memory 1g with-limits --service backend --cpus 2 up …`: field by field, the last one wins.
// The kernel holds the service and all it starts to them together: a CPU limit makes it wait, what would go over the pids
// fails, and what goes over the memory is killed, which is logged, counted and followed by a restart as --restart says.
// Services know their limits: redis, postgres, Go and node are told to stay below them. Defaults: postgres 1 core,
// 2 GiB, 256 pids; redis 0.5, 512 MiB, 64; backend and your own services 1, 1 GiB, 256; frontend 0.5, 512 MiB, 256.
// More than the machine has is no error; health says it.
func (m *Stack) WithLimits(
	// Which service: postgres, redis, backend, frontend or one that with-service has added before. All, unless given.
	//
	// +optional
	service string,
	// Cores, 0.01 to 1024, e.g. 0.5 or 2.
	//
	// +optional
	cpus *float64,
	// Memory, 16 MiB or more, e.g. 512MiB, 2g or 2GiB (all of them powers of 1024). No swap beyond it.
	//
	// +optional
	memory string,
	// Processes and threads, 1 or more.
	//
	// +optional
	pids *int,
) (*Stack, error) {
	if _, err := limits.Parse(service, cpus, memory, pids); err != nil {
		return nil, err
	}
	return m.with(Setting{Service: service, CPUs: limits.Value(cpus), Memory: memory, Pids: limits.Value(pids)})
}

// Changes the limits of a running service, without a restart
//
// Works from any terminal. Answers with each limit as it was and as it is, read back from the kernel. The change lasts as
// long as the stack runs, through restarts of the service; with-limits is for the next up. Settings of the service that
// follow its limits (of redis, postgres, Go and node) do so at its next restart. Fails when the service does not run, or
// uses more memory than it would have.
//
// +cache="never"
func (m *Stack) SetLimits(
	ctx context.Context,
	// Which service, e.g. backend, also one of your own.
	service string,
	// Cores, 0.01 to 1024, e.g. 0.5 or 2. As it is, unless given.
	//
	// +optional
	cpus *float64,
	// Memory, 16 MiB or more, e.g. 512MiB, 2g or 2GiB. As it is, unless given.
	//
	// +optional
	memory string,
	// Processes and threads, 1 or more. As it is, unless given.
	//
	// +optional
	pids *int,
) (string, error) {
	return m.ask(ctx, command.Limits, control.LimitsRequest{Service: service, CPUs: cpus, Memory: memory, Pids: pids})
}

// Prints what each service uses of its limits, a line each
//
// Works from any terminal. Fails when the stack does not run. Memory leaves out file cache that the kernel would give back, as
// docker stats does; its peak does not.
//
// +cache="never"
func (m *Stack) Stats(
	ctx context.Context,
	// One service, e.g. backend, also one of your own. All, unless given.
	//
	// +optional
	service string,
	// How the lines are printed: text or json.
	//
	// +optional
	// +default="text"
	format string,
	// Print them again every 2 seconds, in the call's progress output, until interrupted or until the stack ends.
	//
	// +optional
	watch bool,
) (string, error) {
	return m.ask(ctx, command.Stats, control.StatsRequest{Service: service, Format: format, Watch: watch})
}
