package agent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dagger/stack/internal/agent/probe"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// probed is the answer to one probe of one process.
type probed struct {
	of     *child
	result state.Result
}

func (a *agent) newProbe(of *child) (probe.Func, error) {
	if a.Service.Probe == nil {
		return nil, nil
	}
	return probe.New(*a.Service.Probe, probe.Target{UID: a.user.UID, Address: a.Address, Render: a.render.Render, Run: func(ctx context.Context, command []string) (string, int, error) {
		return a.run(ctx, of, command)
	}})
}

// beginHealth starts the account of a new process.
func (a *agent) beginHealth() {
	c := a.child
	a.status.Health, a.status.Streak, a.status.Probes = state.Starting, 0, nil
	if commands := a.Service.Container.PostStart; len(commands) > 0 {
		a.status.PostStarting = true
		a.runCommands(c, postStart, commands, hookTimeout)
	}
	if c.probe == nil {
		a.runs()
		return
	}
	c.machine = probe.NewMachine(*a.Service.Probe, c.started)
	a.ask()
}

// listenPoll is how often a process without a probe is looked at until it listens.
const listenPoll = 100 * time.Millisecond

// shortRun is how long a process has to run for a restart to have succeeded, where nothing else is known of it: one that cannot work ends
// by then, as a rule.
const shortRun = time.Second

// runs is what there is to say of a process without a probe: it is healthy when all of its start has come to its end and it listens on
// a port that is published or has run for a while, unless it is there to come to an end itself.
func (a *agent) runs() {
	settle := time.Duration(a.Service.Settle)
	if settle == 0 && a.restart != nil {
		settle = shortRun
	}
	left := time.Until(a.child.started.Add(settle))
	ports := a.Service.Listens()
	switch {
	case a.Service.Mode == spec.ModeJob, a.status.PostStarting:
	case left > 0 && len(ports) == 0:
		a.nextProbe = time.After(left)
	case left > 0 && !probe.Listens(ports):
		a.nextProbe = time.After(min(left, listenPoll))
	default:
		a.healthy()
	}
}

// ask probes the child once, beside the loop: a probe may hang until its timeout.
func (a *agent) ask() {
	a.nextProbe = nil
	c := a.child
	switch {
	case c == nil:
		return
	case c.probe == nil:
		a.runs()
		return
	}
	c.asking = true
	go func() { a.probed <- probed{c, probe.Ask(context.Background(), c.probe, c.machine.Timeout)} }()
}

// answered takes a result in. One of a process that is gone, or is being stopped, says nothing about the next.
func (a *agent) answered(p probed) {
	p.of.asking = false
	if p.of != a.child || p.of.stopping || a.heldBack(p) {
		return
	}
	p.result.Output = a.redact(p.result.Output)
	a.count(p.result)
	if a.mend(p.result) {
		return
	}
	a.bound(&p.result)
	machine, before := a.child.machine, a.status.Health
	machine.Record(p.result)
	a.status.Health, a.status.Streak, a.status.Probes = machine.Health, machine.Streak, machine.Results
	if a.status.PostStarting && machine.Health == state.Healthy {
		a.status.Health = before // not before all of its start has come to its end
	}
	a.nextProbe = time.After(machine.Wait())
	if a.status.Health == before {
		if before == state.Healthy {
			a.report() // now that the agent is awake
		}
		return // otherwise the heartbeat will tell
	}
	a.happened(state.EventHealthStatus + string(a.status.Health))
	switch a.status.Health {
	case state.Healthy:
		a.noteNothingFound(p.result)
		a.noteTLS(p.result)
		a.tee.started()
		a.healthy()
	case state.Unhealthy:
		a.unhealthy()
	}
	a.publish()
}

// count adds a probe to what is counted.
func (a *agent) count(result state.Result) {
	a.status.Counts.Probes++
	a.status.Counts.Probing += result.Duration
	if result.ExitCode != 0 {
		a.status.Counts.Failed++
	}
}

// noteNothingFound says of a service that has none of the paths that were guessed what its health means: many an API has neither, so
// that it answers at all must do.
func (a *agent) noteNothingFound(result state.Result) {
	get := a.Service.Probe.HTTP
	asked, _, _ := strings.Cut(result.Output, "\n")
	if get != nil && get.Guessed && strings.Count(asked, ": 404 ") == len(get.Paths) {
		a.log.Note(fmt.Sprintf("%s is healthy only in that it answers: %s: name a path that says more with --%s-health-path", a.Service.Name, asked, a.Service.Name))
	}
}

// noteTLS says where a service is found that speaks TLS though nobody has said so.
func (a *agent) noteTLS(result state.Result) {
	get := a.Service.Probe.HTTP
	answer, _, _ := strings.Cut(result.Output, "\n")
	if get == nil || get.TLS || !strings.HasSuffix(answer, probe.OverTLS) {
		return
	}
	note := a.Service.Name + " speaks TLS at its port"
	for _, port := range a.Service.Ports {
		if port.Container == get.Port && port.Published != 0 {
			note += fmt.Sprintf(": open it as https://localhost:%d", port.Published)
		}
	}
	a.log.Note(note)
}
