package control

import (
	"fmt"
	"testing"
	"time"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// What becomes of services is told in these words.
func TestTexts(t *testing.T) {
	cores, memory := 2.0, int64(1<<30)
	changed := protocol.LimitsResult{
		Asked:  limits.Setting{Service: "web", CPUs: &cores, Memory: &memory},
		Before: spec.Limits{CPUs: 1, Pids: 9}, After: spec.Limits{CPUs: 2, Memory: 1 << 30, Pids: 9}, Enforced: state.ByKernel,
	}
	watched := changed
	watched.Enforced = state.ByWatchdog
	for _, c := range []struct {
		result fmt.Stringer
		want   string
	}{
		{protocol.RestartResult{Service: "web", OldPID: 7, NewPID: 31, Took: 1240 * time.Millisecond}, "web restarted: pid 7 -> 31, healthy after 1.2 s"},
		{protocol.RestartResult{Service: "web", NewPID: 31, Took: time.Second, Forced: true},
			"web restarted: pid 0 -> 31, healthy after 1.0 s; it did not stop in its time and was killed: its log may say why"},
		{protocol.RestartResult{Service: "web", NewPID: 31, Took: time.Second, Now: protocol.RestartRunning}, "web restarted: pid 0 -> 31, running after 1.0 s"},
		{StopResult{Service: "web", Took: 80 * time.Millisecond}, "web stopped after 0.1 s"},
		{StopResult{Service: "web", Took: 80 * time.Millisecond, Exit: &state.Exit{Code: 3}}, "web stopped after 0.1 s: exit code 3"},
		{StopResult{Service: "web", Took: 8 * time.Second, Exit: &state.Exit{Code: 137, Signal: "SIGKILL", Forced: true}}, "web stopped after 8.0 s: SIGKILL; it did not stop in its time and was killed: its log may say why"},
		{RestoreResult{Service: "redis", Stack: "shop", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)},
			`redis restored from the backup of stack "shop" of 2026-01-02 03:04:05 UTC`},
		{changed, "web cpus: 1 -> 2\nweb memory: unlimited -> 1 GiB"},
		{watched, "web cpus: 1 -> 2\nweb memory: unlimited -> 1 GiB\nweb cpus: not bounded: the engine lets no agent make a cgroup"},
		{SyncResult{Service: "web", NotRun: []string{"go generate"}}, "web: nothing has changed"},
		{SyncResult{Service: "web", Kept: []string{"a"}}, "web: a changed in the project and in the stack, which keeps its own"},
		{SyncResult{Service: "web", Deleted: []string{"old"}, Changed: []string{"a", "b", "c", "d"}, NotRun: []string{"go generate", "make"}},
			"web: a, b, c and 1 more changed; old deleted\nweb: not run again for it: go generate\nweb: not run again for it: make"},
		{SnapshotResult{Act: protocol.SnapshotTake, Service: "postgres", Name: "clean", Size: 1 << 20, Cut: 2}, "postgres: snapshot clean taken, 1 MiB; 2 connections were cut"},
		{SnapshotResult{Act: protocol.SnapshotRollback, Service: "db", Name: "clean", Cut: 1, Notes: []string{"a note"}}, "db: rolled back to clean; 1 connection was cut\n  a note"},
		{SnapshotResult{Act: protocol.SnapshotDrop, Service: "redis", Name: "clean", Dropped: []string{"redis.rdb"}}, "redis: dropped redis.rdb"},
		{CopyResult{Service: "web", Path: "/app", Files: 1, Bytes: 2048}, "web has 1 file more at /app (2 KiB)"},
		{CopyResult{Service: "web", Path: "/app", Files: 2}, "web has 2 files more at /app (0 B)"},
		{protocol.KillResult{Service: "web", PID: 7, Signal: "SIGHUP"}, "web got SIGHUP: pid 7"},
		{PauseResult{"web", protocol.VerbPause}, "web paused"},
		{PauseResult{"web", protocol.VerbUnpause}, "web unpaused"},
		{ResetResult{"shop"}, `stack "shop" is as new: its data, logs and generated secrets are gone`},
	} {
		if got := c.result.String(); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}
