package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// ooms are the processes that were killed for want of memory.
type ooms struct {
	known   int64     // of those that the enforcer counts
	open    int64     // of which it is not known yet whether the service's main process is one
	since   time.Time // when the first of those was noticed
	refused int64     // forks
	watched string    // why the agent has killed the process itself
}

// openLimits puts the limits in force, before the first process of the service.
func (a *agent) openLimits() error {
	enforcer, why := enforce.Open(a.Cgroup)
	a.enforcer, a.unenforced = enforcer, why
	a.status.Enforced = enforcer.By()
	if err := a.limit(a.Service.Limits); err != nil {
		return errors.Join(err, enforcer.Close())
	}
	for _, note := range a.status.Notes {
		a.log.Note(note)
	}
	if files := fileLimit().Hard; files < openFiles { // for who asks: a log need not begin with it
		a.aside = fmt.Sprintf("a process may have %d files open, and not %d: the engine may give no more", files, openFiles)
		a.status.Notes = append(a.status.Notes, a.aside)
	}
	a.measure()
	return nil
}

// limit changes the limits in force, and everything that tells of them.
func (a *agent) limit(to spec.Limits) error {
	if err := a.enforcer.Set(to); err != nil {
		return fmt.Errorf("limits: %w", err)
	}
	inForce, err := a.enforcer.Limits()
	if err != nil {
		return fmt.Errorf("limits: %w", err)
	}
	a.status.Limits = inForce
	a.status.Notes = append(slices.Clone(a.notes), enforce.Beyond(to, enforce.Machine())...)
	if a.unenforced != nil && to != (spec.Limits{}) {
		a.status.Notes = append(a.status.Notes, "limits are watched, not the kernel's, and cpus are not bounded: "+a.unenforced.Error())
	}
	if a.aside != "" {
		a.status.Notes = append(a.status.Notes, a.aside)
	}
	a.render.know(to)
	return nil
}

// measure takes the usage into the status and notices what the kernel has done about it.
func (a *agent) measure() {
	c, err := a.enforcer.Count()
	if err != nil {
		a.log.Note("usage: " + err.Error())
		return
	}
	usage := a.meter.Take(c, time.Now())
	a.status.Usage = &usage
	a.noticeOOM(c)
	if c.ForksRefused > a.ooms.refused {
		a.log.Note(fmt.Sprintf("%s is at its limit of %d processes and threads", a.Service.Name, a.status.Limits.Pids))
	}
	a.ooms.refused = c.ForksRefused
}

// noticeOOM: a killed main process ends within a moment, and reason tells of it then. If none has, it was another.
func (a *agent) noticeOOM(c enforce.Counters) {
	if killed := c.OOMKills - a.ooms.known; killed > 0 {
		if a.ooms.open == 0 {
			a.ooms.since = time.Now()
		}
		a.happened(state.EventOOM)
		a.ooms.open += killed
		a.ooms.known = c.OOMKills
		return
	}
	if a.ooms.open > 0 && a.ooms.watched == "" && a.child != nil && time.Since(a.ooms.since) > state.Heartbeat/2 {
		a.log.Note(fmt.Sprintf("%s of %s: killed: %s", processes(a.ooms.open), a.Service.Name, a.outOfMemory()))
		a.ooms.open = 0
	}
}

// reason is why a process ended, if it was for its limits.
func (a *agent) reason(exit process.Exit) string {
	a.measure()
	watched, killed := a.ooms.watched, a.ooms.open
	a.ooms.watched, a.ooms.open = "", 0
	switch {
	case watched != "":
		return "killed: " + watched
	case killed == 0:
		return ""
	case exit.Signal == syscall.SIGKILL:
		return "killed: " + a.outOfMemory()
	}
	return fmt.Sprintf("%s, after %s of it: killed: %s", describe(exit), processes(killed), a.outOfMemory())
}

// outOfMemory says how much there was: the most that the service ever had, which is its limit unless that was changed.
func (a *agent) outOfMemory() string {
	peak, limit := a.status.Usage.MemoryPeak, a.status.Limits.Memory
	if limit > 0 {
		peak = min(peak, limit)
	}
	return enforce.OutOfMemory(peak, limit)
}

func processes(n int64) string {
	if n == 1 {
		return "a process"
	}
	return fmt.Sprintf("%d processes", n)
}

// watch ticks for a service that the kernel does not hold to its limits.
func (a *agent) watch() *time.Ticker {
	ticker := time.NewTicker(enforce.WatchEvery)
	if a.enforcer.By() == state.ByKernel {
		ticker.Stop()
	}
	return ticker
}

// look ends a service that is beyond its limits.
func (a *agent) look() {
	if a.child == nil || a.ooms.watched != "" {
		return
	}
	if a.ooms.watched = a.enforcer.Exceeded(); a.ooms.watched != "" {
		a.child.SignalGroup(syscall.SIGKILL)
	}
}

// changeLimits serves a request for other limits.
func (a *agent) changeLimits(request *socket.Request) {
	var setting limits.Setting
	before := a.status.Limits
	err := json.Unmarshal(request.Args, &setting)
	if err == nil {
		err = a.tryLimits(setting)
	}
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	a.log.Note("limits changed: " + strings.Join(limits.Changes(setting, before, a.status.Limits), ", "))
	a.happened(state.EventUpdate)
	a.publish()
	a.reply(request, protocol.LimitsResult{Before: before, After: a.status.Limits, Enforced: a.enforcer.By()}, nil)
}

func (a *agent) tryLimits(setting limits.Setting) error {
	before := a.render.inForce()
	after := setting.Apply(before)
	a.measure()
	if used := a.status.Usage; used != nil && setting.Memory != nil && after.Memory <= used.Memory {
		return fmt.Errorf("%s uses %s now, and with %s it would be killed: want more than it uses, or with-limits and a new up",
			a.Service.Name, limits.Size(used.Memory), limits.Size(after.Memory))
	}
	if err := a.limit(after); err != nil {
		return errors.Join(err, a.limit(before))
	}
	return nil
}
