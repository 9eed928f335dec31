//go:build root

package enforce

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/cgroups"

	"dagger/stack/internal/agent/enforce/alone"
	"dagger/stack/internal/agent/filter"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// The tests make real cgroups, of the version that the machine has: see hack/cgroup2 for the other.
func TestMain(m *testing.M) {
	if code, done := alone.Run(); done {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func newGroup(t testing.TB) *group {
	g, err := open(fmt.Sprintf("stack-test-%d-%s", os.Getpid(), filepath.Base(t.Name())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		for _, folder := range g.folders {
			if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there", folder)
			}
		}
	})
	return g
}

// in runs a shell script in the group, as the init would, and returns how it ended.
func in(t testing.TB, g *group, script string) *exec.Cmd {
	var join strings.Builder
	for _, procs := range g.Procs() {
		fmt.Fprintf(&join, "echo 0 > %s; ", procs)
	}
	cmd := exec.Command("sh", "-ec", join.String()+script)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func count(t *testing.T, g *group) Counters {
	t.Helper()
	c, err := g.Count()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLimitsAreReadBack(t *testing.T) {
	g := newGroup(t)
	if g.By() != state.ByKernel {
		t.Error(g.By())
	}
	for _, limits := range []spec.Limits{
		{},
		{CPUs: 0.5, Memory: 64 << 20, Pids: 10},
		{CPUs: 0.01, Memory: 16 << 20, Pids: 1},
		{CPUs: 1024, Memory: 1 << 50, Pids: 1 << 22},
		{CPUs: 2.25, Memory: 1 << 30, Pids: 64},
		{Memory: 32 << 20},
		{CPUs: 1},
		{},
	} {
		if err := g.Set(limits); err != nil {
			t.Fatalf("%+v: %v", limits, err)
		}
		if got, err := g.Limits(); err != nil || got != limits {
			t.Errorf("set %+v, read %+v, %v", limits, got, err)
		}
	}
}

func TestOOMKillIsCounted(t *testing.T) {
	g := newGroup(t)
	if err := g.Set(spec.Limits{Memory: 32 << 20}); err != nil {
		t.Fatal(err)
	}
	cmd := in(t, g, "exec tail /dev/zero")
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("twice the limit: %v", err)
	}
	c := count(t, g)
	if c.OOMKills != 1 || c.MemoryPeak < 31<<20 || c.MemoryPeak > 32<<20 {
		t.Errorf("%+v", c)
	}
}

// What an agent before has counted is not counted again.
func TestGroupIsReused(t *testing.T) {
	g := newGroup(t)
	if err := g.Set(spec.Limits{Memory: 32 << 20}); err != nil {
		t.Fatal(err)
	}
	in(t, g, "exec tail /dev/zero").Wait()
	again, err := open(filepath.Base(g.folders[0]))
	if err != nil {
		t.Fatal(err)
	}
	if c := count(t, again); c.OOMKills != 0 || c.CPUTime != 0 {
		t.Errorf("%+v", c)
	}
}

func TestForksAreRefused(t *testing.T) {
	g := newGroup(t)
	if err := g.Set(spec.Limits{Pids: 5}); err != nil {
		t.Fatal(err)
	}
	cmd := in(t, g, "for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; wait")
	for end := time.Now().Add(20 * time.Second); count(t, g).ForksRefused == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%+v", count(t, g))
		}
	}
	if c := count(t, g); c.Pids > 5 {
		t.Errorf("%+v", c)
	}
	killAll(t, g)
	cmd.Wait()
}

func TestCPUIsShared(t *testing.T) {
	g := newGroup(t)
	if err := g.Set(spec.Limits{CPUs: 0.2}); err != nil {
		t.Fatal(err)
	}
	cmd := in(t, g, "while :; do :; done")
	var meter Meter
	meter.Take(count(t, g), time.Now())
	time.Sleep(3 * time.Second)
	usage := meter.Take(count(t, g), time.Now())
	killAll(t, g)
	cmd.Wait()
	// More would be a limit that does not hold; less, a machine that was busy.
	if usage.CPUs > 0.22 || usage.CPUs == 0 || usage.Throttled == 0 {
		t.Errorf("%+v", usage)
	}
}

func killAll(t *testing.T, g *group) {
	for range 100 {
		pids, err := cgroups.GetPids(g.folders[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			if process, err := os.FindProcess(pid); err == nil {
				process.Kill()
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Groups come and go without a trace.
func TestNothingLeaks(t *testing.T) {
	for range 200 {
		g, err := open("stack-test-leak")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(g.Set(spec.Limits{CPUs: 1, Memory: 64 << 20, Pids: 64}), in(t, g, "exec true").Wait(), g.Close()); err != nil {
			t.Fatal(err)
		}
		for _, folder := range g.folders {
			if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
				t.Fatalf("%s is still there", folder)
			}
		}
	}
}

func TestWithoutAGroup(t *testing.T) {
	enforcer, why := Open("")
	if enforcer.By() != state.ByWatchdog || why == nil {
		t.Errorf("%v, %v", enforcer.By(), why)
	}
	// A folder that is not a cgroup's.
	if enforcer, why := Open("no/such/folder\x00"); enforcer.By() != state.ByWatchdog || why == nil {
		t.Errorf("%v, %v", enforcer.By(), why)
	}
}

func BenchmarkCount(b *testing.B) {
	g := newGroup(b)
	for b.Loop() {
		if _, err := g.Count(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAndClose(b *testing.B) {
	for b.Loop() {
		g, err := open("stack-test-bench")
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(g.Set(spec.Limits{CPUs: 1, Memory: 64 << 20, Pids: 64}), g.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart starts a program and waits for its end, in a cgroup and without one.
func BenchmarkStart(b *testing.B) {
	g := newGroup(b)
	if err := g.Set(spec.Limits{CPUs: 1, Memory: 64 << 20, Pids: 64}); err != nil {
		b.Fatal(err)
	}
	reaper, err := process.NewReaper(filter.From(""))
	if err != nil {
		b.Fatal(err)
	}
	for name, procs := range map[string][]string{"without": nil, "cgroup": g.Procs()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p, err := reaper.Start(process.Command{Args: []string{"/bin/true"}, Cgroups: procs})
				if err != nil {
					b.Fatal(err)
				}
				<-p.Done()
			}
		})
	}
}
