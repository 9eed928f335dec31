package agent

import (
	"slices"
	"sync/atomic"

	"dagger/stack/internal/agent/denied"
	"dagger/stack/internal/state/logstore"
)

// denials are what a service's process was not let do, as far as its output says so. One is enough: the others have the same cause.
type denials struct {
	known atomic.Bool
	heard chan string
}

// overhear takes what the service prints, after it is in the log.
func (a *agent) overhear(stream logstore.Stream, chunk []byte) {
	a.tee.output(stream, chunk)
	if a.denials.known.Load() {
		return
	}
	if hint := denied.Hint(&a.Service, chunk); hint != "" && !a.denials.known.Swap(true) {
		a.denials.heard <- hint
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
