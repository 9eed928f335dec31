package render

import (
	"testing"
	"time"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

func TestLines(t *testing.T) {
	cores, memory := 2.0, int64(1<<30)
	changed := protocol.LimitsResult{
		Asked:  limits.Setting{Service: "web", CPUs: &cores, Memory: &memory},
		Before: spec.Limits{CPUs: 1, Pids: 9}, After: spec.Limits{CPUs: 2, Memory: 1 << 30, Pids: 9}, Enforced: state.ByKernel,
	}
	watched := changed
	watched.Enforced = state.ByWatchdog
	for _, c := range []struct{ got, want string }{
		{Restart(protocol.RestartResult{Service: "web", OldPID: 7, NewPID: 31, Took: 1240 * time.Millisecond}), "web restarted: pid 7 -> 31, healthy after 1.2 s"},
		{Restart(protocol.RestartResult{Service: "web", NewPID: 31, Took: time.Second, Forced: true}),
			"web restarted: pid 0 -> 31, healthy after 1.0 s; it did not stop in its time and was killed: its log may say why"},
		{Restart(protocol.RestartResult{Service: "web", NewPID: 31, Took: time.Second, Now: protocol.RestartRunning}), "web restarted: pid 0 -> 31, running after 1.0 s"},
		{Stop(protocol.StopResult{Service: "web", Took: 80 * time.Millisecond}), "web stopped after 0.1 s"},
		{Stop(protocol.StopResult{Service: "web", Took: 80 * time.Millisecond, Exit: &state.Exit{Code: 3}}), "web stopped after 0.1 s: exit code 3"},
		{Stop(protocol.StopResult{Service: "web", Took: 8 * time.Second, Exit: &state.Exit{Code: 137, Signal: "SIGKILL", Forced: true}}), "web stopped after 8.0 s: SIGKILL; it did not stop in its time and was killed: its log may say why"},
		{Restore(protocol.RestoreResult{Service: "redis", Stack: "shop", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}),
			`redis restored from the backup of stack "shop" of 2026-01-02 03:04:05 UTC`},
		{Limits(changed), "web cpus: 1 -> 2\nweb memory: unlimited -> 1 GiB"},
		{Limits(watched), "web cpus: 1 -> 2\nweb memory: unlimited -> 1 GiB\nweb cpus: not bounded: the engine lets no agent make a cgroup"},
		{Sync(protocol.SyncResult{Service: "web", NotRun: []string{"go generate"}}), "web: nothing has changed"},
		{Sync(protocol.SyncResult{Service: "web", Kept: []string{"a"}}), "web: a changed in the project and in the stack, which keeps its own"},
		{Sync(protocol.SyncResult{Service: "web", Deleted: []string{"old"}, Changed: []string{"a", "b", "c", "d"}, NotRun: []string{"go generate", "make"}}),
			"web: a, b, c and 1 more changed; old deleted\nweb: not run again for it: go generate\nweb: not run again for it: make"},
		{Reset("shop"), `stack "shop" is as new: its data, logs and generated secrets are gone`},
	} {
		if c.got != c.want {
			t.Errorf("got  %q\nwant %q", c.got, c.want)
		}
	}
}

func TestLogLines(t *testing.T) {
	entry := logstore.Entry{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Service: "db", Stream: logstore.Stderr, Text: []byte("<ready>")}
	for want, r := range map[string]protocol.LogsRequest{
		"db      | <ready>\n": {},
		"<ready>\n":           {Service: "db", Format: "text"},
		"db      | 2026-01-02T03:04:05Z <ready>\n":                                                 {Timestamps: true},
		`{"time":"2026-01-02T03:04:05Z","service":"db","stream":"stderr","text":"<ready>"}` + "\n": {Format: "json"},
	} {
		if got := string(Lines(r, []string{"db", "backend"})(nil, &entry)); got != want {
			t.Errorf("%+v: %q", r, got)
		}
	}
}
