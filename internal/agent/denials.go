package agent

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"dagger/stack/internal/agent/denied"
	"dagger/stack/internal/agent/probe"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// denials are what a service's process was not let do, as far as its output says so. One is enough: the others have the same cause.
type denials struct {
	known atomic.Bool
	heard chan string
	// first and last are when a login of it at another service was refused, in nanoseconds since 1970. 0: none was.
	first, last atomic.Int64
}

// forget is for a new process.
func (d *denials) forget() {
	d.known.Store(false)
	d.first.Store(0)
	d.last.Store(0)
}

// refused takes note of a login.
func (d *denials) refused(now time.Time) {
	d.first.CompareAndSwap(0, now.UnixNano())
	d.last.Store(now.UnixNano())
}

// goesOn tells whether logins are refused, and again some time later: who tries again by itself has done so in vain.
func (d *denials) goesOn() (refused, again bool) {
	first := d.first.Load()
	return first != 0, d.last.Load()-first >= int64(probe.ShortTimeout)
}

// overhear takes what the service prints, after it is in the log.
func (a *agent) overhear(stream logstore.Stream, chunk []byte) {
	a.tee.output(stream, chunk)
	login := denied.Login(&a.Service, chunk)
	if login != "" {
		a.denials.refused(time.Now())
	}
	if a.denials.known.Load() {
		return
	}
	if hint := cmp.Or(denied.Hint(&a.Service, chunk), login); hint != "" && !a.denials.known.Swap(true) {
		a.denials.heard <- hint
	}
}

// bound says how long a start may go on whose probe fails: not until the end of the start period where waiting does not help, since
// another service refuses the login.
func (a *agent) bound(result *state.Result) {
	refused, again := a.denials.goesOn()
	switch {
	case result.ExitCode == 0 || result.Timeout != 0 || !refused:
	case again:
		result.Timeout = spec.Duration(probe.ShortTimeout)
	default:
		result.Timeout = cmp.Or(a.Service.Probe.StartPeriod, spec.Duration(probe.LongTimeout))
	}
}

// denied says what lets the service do it: where its log is read, in health, and where a start fails.
func (a *agent) denied(hint string) {
	a.remark(hint)
	a.status.Hint = hint
}

// remark notes, once, what of the description cannot be had, or what the user should know for as long as the service runs.
func (a *agent) remark(note string) {
	if slices.Contains(a.notes, note) {
		return
	}
	a.log.Note(note)
	a.notes, a.status.Notes = append(a.notes, note), append(slices.Clone(a.status.Notes), note)
}
