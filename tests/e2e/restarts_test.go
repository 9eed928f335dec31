package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Restarts leave nothing behind: no process, no open file, no file on a volume. RESTARTS says how many of each
// service.
func TestRestartsLeaveNothing(t *testing.T) {
	t.Parallel()
	rounds, err := strconv.Atoi(os.Getenv("RESTARTS"))
	if err != nil {
		rounds = 10
	}
	s := newStack(t, "examples/hello")
	s.up()
	var before, after footprint
	defer func() {
		if t.Failed() {
			t.Logf("before %+v, at last %+v", before, after)
		}
	}()
	for _, service := range services {
		s.restarts(service, 2) // the first of everything: caches, WAL segments
		before = s.settled(service)
		s.restarts(service, rounds)
		s.eventually("no more open files of "+service+" than before", func() bool {
			after = s.footprint(service)
			return after.processes <= before.processes && after.descriptors <= before.descriptors
		})
		t.Logf("%-8s before %+v", service, before)
		t.Logf("%-8s after %d restarts %+v", service, rounds, after)
		if after.state > before.state || after.data > before.data+2 {
			t.Errorf("%s: files of the state %d and of the data %d, were %d and %d", service, after.state, after.data, before.state, before.data)
		}
		if limit := before.resident*3/2 + 8<<10; after.resident > limit {
			t.Errorf("%s: the agent has %d KiB, had %d", service, after.resident, before.resident)
		}
	}
	s.ok("health")
}

// footprint is what a service's container uses.
type footprint struct {
	processes   int // in the container
	descriptors int // of the agent
	resident    int // of the agent, KiB
	state, data int // files on the volumes
}

// settled is the footprint of a service that has all that it starts with: postgres' workers come after its first answer,
// and the backend's connection to it, a process too, with the backend's next probe, which is up to 5 s later.
func (s *stack) settled(service string) (last footprint) {
	s.Helper()
	var since time.Time
	s.eventually("a footprint of "+service+" that stays", func() bool {
		time.Sleep(100 * time.Millisecond)
		now := s.footprint(service)
		if now.processes != last.processes || now.descriptors != last.descriptors {
			since = time.Now()
		}
		last = now
		return time.Since(since) > 8*time.Second
	})
	return last
}

func (s *stack) footprint(service string) footprint {
	s.Helper()
	agent := s.running(service)
	folder := filepath.Join("/proc", strconv.Itoa(agent.pid))
	open, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		s.Fatal(err)
	}
	return footprint{
		processes: len(s.processes(service)), descriptors: len(open), resident: agent.resident,
		state: files(filepath.Join(folder, "root/.stack/state", service)),
		data:  files(filepath.Join(folder, "root/var/lib/postgresql/data")) + files(filepath.Join(folder, "root/data")),
	}
}

func files(folder string) (n int) {
	filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return nil
	})
	return n
}

// restarts restarts a service some times, by the program that a call of restart runs, inside of the container: a call
// would take seconds for each.
func (s *stack) restarts(service string, times int) {
	s.Helper()
	agent := s.running(service)
	request, _ := json.Marshal(map[string]any{"Stack": s.name, "Request": map[string]string{"Service": service, "Timeout": "60s"}})
	for i := range times {
		out, err := exec.Command("nsenter", fmt.Sprintf("--target=%d", agent.pid), "--mount", "--pid", "--net", "--",
			"/.stack/bin/stack-agent", "restart", string(request)).CombinedOutput()
		if err != nil {
			s.Fatalf("restart %d of %s: %v\n%s", i+1, service, err, out)
		}
	}
}
