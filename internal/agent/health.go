package agent

import (
	"context"
	"time"

	"dagger/stack/internal/agent/probe"
	"dagger/stack/internal/state"
)

// probed is the answer to one probe of one process.
type probed struct {
	of     *child
	result state.Result
}

func (a *agent) newProbe() (probe.Func, error) {
	if a.Service.Probe == nil {
		return nil, nil
	}
	return probe.New(*a.Service.Probe, probe.Target{Address: a.Address, Render: a.render.Render, Run: a.run})
}

// beginHealth starts the account of a new process.
func (a *agent) beginHealth() {
	c := a.child
	if c.probe == nil {
		a.healthy()
		return
	}
	c.machine = probe.NewMachine(*a.Service.Probe, c.started)
	a.status.Health, a.status.Streak, a.status.Probes = c.machine.Health, 0, nil
	a.ask()
}

// ask probes the child once, beside the loop: a probe may hang until its timeout.
func (a *agent) ask() {
	a.nextProbe = nil
	c := a.child
	if c == nil {
		return
	}
	go func() { a.probed <- probed{c, probe.Ask(context.Background(), c.probe, c.machine.Timeout)} }()
}

// answered takes a result in. One of a process that is gone, or is being stopped, says nothing about the next.
func (a *agent) answered(p probed) {
	if p.of != a.child || a.graceOver != nil {
		return
	}
	p.result.Output = a.redact(p.result.Output)
	machine, before := a.child.machine, a.status.Health
	machine.Record(p.result)
	a.status.Health, a.status.Streak, a.status.Probes = machine.Health, machine.Streak, machine.Results
	a.nextProbe = time.After(machine.Wait())
	if a.status.Health == before {
		if before == state.Healthy {
			a.beat() // now that the agent is awake
		}
		return // otherwise the heartbeat will tell
	}
	switch a.status.Health {
	case state.Healthy:
		a.healthy()
	case state.Unhealthy:
		a.unhealthy()
	}
	a.publish()
}
