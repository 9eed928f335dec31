package render

import (
	"cmp"
	"fmt"
	"strings"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Lines is how log lines of these services are appended to a text. Where a request is about all services, each line has
// its service's name.
func Lines(r protocol.LogsRequest, services []string) func([]byte, *logstore.Entry) []byte {
	if r.Format == "json" {
		return logstore.AppendJSON
	}
	text := logstore.Text{Timestamps: r.Timestamps}
	if r.Service == "" {
		text.Width = logstore.Width(services...)
	}
	return text.Append
}

// WithoutData is the line about a stack that is new on this engine.
func WithoutData(stack string) string {
	return fmt.Sprintf("stack %q is new on this engine and starts without data. If it had some, the engine's cache was lost: "+
		"bring a backup back with %s", stack, protocol.CLI(stack, "restore --from FILE"))
}

// Reset is the line about a stack that has lost all that it kept.
func Reset(stack string) string {
	return fmt.Sprintf("stack %q is as new: its data, logs and generated secrets are gone", stack)
}

// Restart is the line about a service that was restarted.
func Restart(r protocol.RestartResult) string {
	return fmt.Sprintf("%s restarted: pid %d -> %d, %s after %.1f s%s", r.Service, r.OldPID, r.NewPID, cmp.Or(r.Now, string(state.Healthy)), r.Took.Seconds(), killed(r.Forced))
}

// Stop is the line about a service that was ended.
func Stop(r protocol.StopResult) string {
	text := fmt.Sprintf("%s stopped after %.1f s", r.Service, r.Took.Seconds())
	if r.Exit == nil {
		return text
	}
	return text + ": " + r.Exit.String() + killed(r.Exit.Forced)
}

// Kill is the line about a signal that was sent.
func Kill(r protocol.KillResult) string {
	return fmt.Sprintf("%s got %s: pid %d", r.Service, r.Signal, r.PID)
}

// killed follows the time that a process took to stop.
func killed(forced bool) string {
	if !forced {
		return ""
	}
	return "; it did not stop in its time and was killed: its log may say why"
}

// Restore is the line about a service that has its data again.
func Restore(r protocol.RestoreResult) string {
	line := fmt.Sprintf("%s restored from the backup of stack %q of %s", r.Service, r.Stack, r.Time.Format("2006-01-02 15:04:05 MST"))
	for _, note := range r.Notes {
		line += fmt.Sprintf("\n%s: %s", r.Service, note)
	}
	return line
}

// Limits are the lines about the limits that were asked for.
func Limits(r protocol.LimitsResult) string {
	lines := limits.Changes(r.Asked, r.Before, r.After)
	if r.Enforced == state.ByWatchdog && r.Asked.CPUs != nil {
		lines = append(lines, "cpus: not bounded: the engine lets no agent make a cgroup")
	}
	return r.Asked.Service + " " + strings.Join(lines, "\n"+r.Asked.Service+" ")
}

// Sync are the lines about a service's source.
func Sync(r protocol.SyncResult) string {
	if r.Problem != "" {
		return r.Problem
	}
	if r.Same() {
		return r.Service + ": nothing has changed"
	}
	var parts []string
	for _, part := range []struct {
		files []string
		word  string
	}{{r.Changed, "changed"}, {r.Added, "added"}, {r.Deleted, "deleted"}} {
		if len(part.files) > 0 {
			parts = append(parts, protocol.Few(part.files)+" "+part.word)
		}
	}
	if len(r.Kept) > 0 {
		parts = append(parts, protocol.Few(r.Kept)+" changed in the project and in the stack, which keeps its own")
	}
	text := r.Service + ": " + strings.Join(parts, "; ")
	if r.Built {
		text += "; built anew"
	}
	for _, command := range r.Ran {
		text += "; ran " + command
	}
	for _, command := range r.NotRun {
		text += fmt.Sprintf("\n%s: not run again for it: %s", r.Service, command)
	}
	return text
}

// Copy is the line about files that were brought to a service.
func Copy(r protocol.CopyResult) string {
	files := "1 file"
	if r.Files != 1 {
		files = fmt.Sprintf("%d files", r.Files)
	}
	return fmt.Sprintf("%s has %s more at %s (%s)", r.Service, files, r.Path, limits.Size(r.Bytes))
}
