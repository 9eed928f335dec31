//go:build root

package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

const mib = 1 << 20

// hungry is a service that allocates when it is told to: a main process that waits for a file and then becomes, or
// starts, one that takes memory without end.
func hungry(t *testing.T, limits spec.Limits, then string) (*running, func()) {
	feed := filepath.Join(t.TempDir(), "feed")
	if err := os.Chmod(filepath.Dir(feed), 0o777); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Dir(filepath.Dir(feed)), 0o755)
	service := script(fmt.Sprintf("echo up; while :; do if [ -e %s ]; then rm %s; %s; fi; sleep 0.05; done", feed, feed, then))
	service.Limits = limits
	r := newTest(t, service)
	return r, func() {
		if err := os.WriteFile(feed, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// kernel gives the service a cgroup. The agent is killed at the test's end, so the test removes it.
func (r *running) kernel() *running {
	r.Cgroup = fmt.Sprintf("stack-test-%d-%s", os.Getpid(), filepath.Base(r.Name()))
	r.Cleanup(func() {
		enforcer, err := enforce.Open(r.Cgroup)
		if err != nil {
			r.Error(err)
		} else if err := enforcer.Close(); err != nil {
			r.Error(err)
		}
	})
	return r
}

func (r *running) limit(setting limits.Setting) (protocol.LimitsResult, error) {
	var limited protocol.LimitsResult
	err := socket.Ask(context.Background(), r.folder, protocol.VerbLimits, setting, &limited, 20*time.Second)
	return limited, err
}

func TestOutOfMemory(t *testing.T) {
	r, feed := hungry(t, spec.Limits{Memory: 32 * mib}, "exec tail /dev/zero")
	r.kernel().start().untilHealthy()
	for i := 1; i <= 2; i++ {
		feed()
		r.until("a restart", func() bool {
			s := r.status()
			return s.Restarts == i && s.Phase == state.Running && s.Usage.OOMKills == int64(i)
		})
	}
	s := r.status()
	const why = "killed: out of memory at 32 MiB (limit 32 MiB)"
	if s.LastExit.Reason != why || s.LastExit.Signal != "SIGKILL" || s.Enforced != state.ByKernel || s.Limits.Memory != 32*mib {
		t.Errorf("%+v, exit %+v", s, s.LastExit)
	}
	if want := "[stack] thing ended: " + why + "; starting it again in 100ms"; !strings.Contains(r.logs(), want) {
		t.Errorf("log %q, want %q in it", r.logs(), want)
	}
	r.cmd.Process.Signal(os.Interrupt)
	r.exitCode()
	left, err := filepath.Glob("/sys/fs/cgroup/*/" + r.Cgroup)
	deeper, _ := filepath.Glob("/sys/fs/cgroup/*/*/*/" + r.Cgroup)
	if len(left)+len(deeper) > 0 || err != nil {
		t.Errorf("left behind: %v %v", left, deeper)
	}
}

// In version 1 the kernel kills one process, which need not be the main one; in version 2 all of the service.
func TestOutOfMemoryOfAnotherProcess(t *testing.T) {
	r, feed := hungry(t, spec.Limits{Memory: 32 * mib}, "(tail /dev/zero; echo survived)")
	pid := r.kernel().start().untilHealthy().PID
	feed()
	r.until("it is counted and told", func() bool {
		s := r.status()
		return s.Usage != nil && s.Usage.OOMKills == 1 && strings.Contains(r.logs(), "killed: out of memory at 32 MiB (limit 32 MiB)")
	})
	if s := r.status(); s.Restarts == 0 && (s.PID != pid || !strings.Contains(r.logs(), "[stack] a process of thing: killed")) {
		t.Errorf("%+v\n%s", s, r.logs())
	}
}

func TestOutOfMemoryAtTheFirstStart(t *testing.T) {
	service := script("exec tail /dev/zero")
	service.Probe = &spec.Probe{Exec: []string{"false"}}
	service.Limits.Memory = 32 * mib
	r := newTest(t, service).kernel().start()
	if code := r.exitCode(); code != 137 {
		t.Errorf("exit code %d", code)
	}
	if want := "thing ended before it was healthy: killed: out of memory at 32 MiB (limit 32 MiB)"; !strings.Contains(r.logs(), want) {
		t.Errorf("log %q", r.logs())
	}
}

// What has run out of memory has failed, also where the process that is left says that all went well.
func TestOutOfMemoryIsAFailure(t *testing.T) {
	service := script("tail /dev/zero; exit 0")
	service.Probe = &spec.Probe{Exec: []string{"false"}}
	service.Limits.Memory = 32 * mib
	r := newTest(t, service).kernel().start()
	if code := r.exitCode(); code == 0 || !strings.Contains(r.status().LastExit.Reason, "killed: out of memory at 32 MiB (limit 32 MiB)") {
		t.Errorf("exit code %d, %+v", code, r.status().LastExit)
	}
}

func TestPidsAreBounded(t *testing.T) {
	service := script("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done; wait")
	service.Limits.Pids = 8
	r := newTest(t, service).kernel().start()
	r.until("the log tells", func() bool {
		return strings.Contains(r.logs(), "thing is at its limit of 8 processes and threads")
	})
	if u := r.status().Usage; u.Pids > 8 {
		t.Errorf("%+v", u)
	}
}

// The init between fork and exec is a Go program with threads of its own: the tightest limit must not stop it.
func TestOnePid(t *testing.T) {
	service := script("")
	service.Process.Command = []string{"sleep", "60"}
	service.Limits.Pids = 1
	r := newTest(t, service).kernel().start()
	first := r.untilHealthy()
	for i := 1; i <= 10; i++ {
		if err := r.ask(protocol.VerbRestart, &protocol.RestartResult{}); err != nil {
			t.Fatalf("%v\n%s", err, r.logs())
		}
	}
	if s := r.status(); s.PID == first.PID || s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
}

func TestLimitsAreChanged(t *testing.T) {
	r, _ := hungry(t, spec.Limits{CPUs: 0.5, Memory: 64 * mib, Pids: 32}, ":")
	r.Service.Process.Env = []spec.Variable{{Name: "LIMIT", Value: spec.Value{
		spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory, Per: 1 << 20}}}),
	}}}
	r.Service.Process.Command[2] = "echo limit $LIMIT; " + r.Service.Process.Command[2]
	pid := r.kernel().start().untilHealthy().PID
	r.until("the process says its limit", func() bool { return strings.Contains(r.logs(), "limit 64\n") })
	cpus, memory, pids := 1.5, int64(128*mib), int64(64)
	limited, err := r.limit(limits.Setting{CPUs: &cpus, Memory: &memory, Pids: &pids})
	want := protocol.LimitsResult{
		Before: spec.Limits{CPUs: 0.5, Memory: 64 * mib, Pids: 32}, After: spec.Limits{CPUs: 1.5, Memory: 128 * mib, Pids: 64},
		Enforced: state.ByKernel,
	}
	if err != nil || limited != want {
		t.Fatalf("%+v, %v", limited, err)
	}
	s := r.status()
	if s.PID != pid || s.Limits != want.After {
		t.Errorf("%+v", s)
	}
	// They outlast the process, and the next one knows them.
	if err := r.ask(protocol.VerbRestart, &protocol.RestartResult{}); err != nil {
		t.Fatal(err)
	}
	r.until("the new process says its limit", func() bool { return strings.Contains(r.logs(), "limit 128\n") })
	if s := r.status(); s.Limits != want.After {
		t.Errorf("%+v", s)
	}
	lower := int64(48 * mib)
	if limited, err := r.limit(limits.Setting{Memory: &lower}); err != nil || limited.After.Memory != lower || limited.After.Pids != 64 {
		t.Errorf("%+v, %v", limited, err)
	}
	if log := "limits changed: memory: 128 MiB -> 48 MiB\n"; !strings.Contains(r.logs(), log) {
		t.Errorf("log %q", r.logs())
	}
}

func TestMemoryBelowUsageIsRefused(t *testing.T) {
	// A buffer of 64 MiB that nobody takes.
	r, feed := hungry(t, spec.Limits{Memory: 256 * mib}, "dd if=/dev/zero bs=67108864 count=1 | sleep 60")
	r.kernel().start().untilHealthy()
	feed()
	r.untilStatus("it uses memory", func(s state.Status) bool { return s.Usage != nil && s.Usage.Memory > 60*mib })
	little := int64(32 * mib)
	_, err := r.limit(limits.Setting{Memory: &little})
	if err == nil || !regexp.MustCompile(`^thing uses [0-9.]+ MiB now, and with 32 MiB it would be killed: want more than it uses`).MatchString(err.Error()) {
		t.Errorf("%v", err)
	}
	if s := r.status(); s.Limits.Memory != 256*mib || s.Usage.OOMKills != 0 || s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
}

// Many restarts leave one cgroup, and none after the end.
func TestRestartsDoNotLeak(t *testing.T) {
	service := script("exec sleep 60")
	service.Limits = spec.Limits{CPUs: 1, Memory: 64 * mib, Pids: 16}
	// Without a probe each restart would last for the second in which the service shows that it runs.
	service.Probe = &spec.Probe{Exec: []string{"true"}, StartInterval: spec.Duration(5 * time.Millisecond)}
	r := newTest(t, service).kernel().start()
	r.untilHealthy()
	before := groups(t)
	for range 200 {
		if err := r.ask(protocol.VerbRestart, &protocol.RestartResult{}); err != nil {
			t.Fatal(err)
		}
	}
	if after := groups(t); after > before+100 { // of 200, if each leaks; other tests make some too
		t.Errorf("%d cgroups, then %d", before, after)
	}
}

// groups is how many memory cgroups there are, also those without a name that something still holds.
func groups(t *testing.T) (n int) {
	text, err := os.ReadFile("/proc/cgroups")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "memory\t"); ok {
			fmt.Sscanf(rest, "%d %d", new(int), &n)
		}
	}
	return n
}

// Where the engine lets no agent make a cgroup.
func TestWatchdog(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		r, feed := hungry(t, spec.Limits{CPUs: 1, Memory: 48 * mib}, "exec tail /dev/zero")
		r.start().untilHealthy()
		feed()
		r.untilStatus("a restart", func(s state.Status) bool { return s.Restarts == 1 && s.Phase == state.Running })
		s := r.status()
		if !regexp.MustCompile(`^killed: out of memory at [0-9.]+ [MG]iB \(limit 48 MiB\)$`).MatchString(s.LastExit.Reason) || s.Usage.OOMKills != 1 {
			t.Errorf("%+v %+v", s.LastExit, s.Usage)
		}
		if s.Enforced != state.ByWatchdog || !strings.Contains(strings.Join(s.Notes, "; "), "cpus are not bounded") {
			t.Errorf("%+v", s)
		}
	})
	t.Run("pids", func(t *testing.T) {
		r, feed := hungry(t, spec.Limits{Pids: 10}, "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do setsid sleep 60 & done")
		r.start().untilHealthy()
		feed()
		r.untilStatus("a restart", func(s state.Status) bool { return s.Restarts == 1 && s.Phase == state.Running })
		if s := r.status(); !regexp.MustCompile(`^killed: \d+ processes and threads \(limit 10\)$`).MatchString(s.LastExit.Reason) {
			t.Errorf("%+v", s.LastExit)
		}
		r.until("nothing is left", func() bool { return r.status().Usage.Pids < 5 })
	})
	t.Run("usage", func(t *testing.T) {
		r := newTest(t, script("while :; do :; done")).start()
		r.until("it is measured", func() bool {
			u := r.status().Usage
			return u != nil && u.CPUs > 0 && u.Memory > 0 && u.Pids == 1
		})
	})
}

func TestMoreThanTheMachineHas(t *testing.T) {
	machine := enforce.Machine()
	service := script("exec sleep 60")
	service.Limits = spec.Limits{CPUs: machine.CPUs + 1, Memory: machine.Memory + mib}
	r := newTest(t, service).kernel().start()
	r.untilHealthy()
	if s := r.status(); len(s.Notes) < 2 || !strings.Contains(s.Notes[0], "is more than the machine's") {
		t.Errorf("%q", s.Notes)
	}
}

// A container sees its own limits where programs and scripts look for them, and cannot change them there.
func TestLimitsInTheContainer(t *testing.T) {
	service := contained("cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max; for f in memory/memory.limit_in_bytes memory.max; do echo 1 2>/dev/null >/sys/fs/cgroup/$f && echo changed; done; true")
	service.Limits = spec.Limits{Memory: 32 * mib}
	r, _ := newContainer(t, service)
	r.kernel().start()
	if got, want := r.said(), fmt.Sprint(32*mib); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
