package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

type stats struct {
	Service  string
	Measured time.Time
	Usage    struct {
		Memory, MemoryPeak, Pids, OOMKills int64
		CPUs, Throttled                    float64
		CPUTime                            string
	}
	Limits struct {
		CPUs         float64
		Memory, Pids int64
	}
	Enforced string
}

// stats are those of every service, by their names.
func (s *stack) stats() map[string]stats {
	s.Helper()
	all := map[string]stats{}
	for _, line := range lines(s.ok("stats", "--format", "json")) {
		var one stats
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			s.Fatalf("%s: %v", line, err)
		}
		all[one.Service] = one
	}
	return all
}

// cores is how many a service had between two measurements.
func cores(t *testing.T, before, after stats) float64 {
	t.Helper()
	from, err := time.ParseDuration(before.Usage.CPUTime)
	to, err2 := time.ParseDuration(after.Usage.CPUTime)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return (to - from).Seconds() / after.Measured.Sub(before.Measured).Seconds()
}

// ask sends a request to the backend that it may not live to answer.
func (s *stack) ask(path string) {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", s.ports["backend"], path))
	if err == nil {
		response.Body.Close()
	}
}

// TestLimitOfCPU is not parallel: on a busy machine a burner would get less than its limit, whatever that is.
func TestLimitOfCPU(t *testing.T) {
	s := plain(t, "with-limits", "--service", "backend", "--cpus", "0.5")
	session := s.up()
	s.ask("/burn")
	var from stats
	session.until("it is measured", func() bool {
		from = s.stats()["backend"]
		return from.Usage.CPUs > 0.1
	})
	time.Sleep(5 * time.Second)
	to := s.stats()["backend"]
	share := cores(t, from, to)
	t.Logf("%.4f cores in %s, throttled in %.0f%% of the periods", share, to.Measured.Sub(from.Measured), 100*to.Usage.Throttled)
	if share > 0.525 {
		t.Errorf("a burner with 0.5 cores had %.4f", share)
	}
	// One that is not stopped in nearly every period did not get them from a busy machine.
	if share < 0.475 && to.Usage.Throttled > 0.95 {
		t.Errorf("a burner with 0.5 cores had %.4f", share)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	s := plain(t, "with-limits", "--memory", "256MiB", "with-limits", "--service", "backend", "--memory", "64m",
		"with-limits", "--service", "backend", "--cpus", "0.5", "--memory", "128MiB", "--pids", "40")
	session := s.up()
	begun := s.stats()
	for service, want := range map[string][3]float64{
		"postgres": {1, 256, 256}, "redis": {0.5, 256, 64}, "backend": {0.5, 128, 40},
	} {
		got := begun[service]
		if l := got.Limits; l.CPUs != want[0] || l.Memory != int64(want[1])*mib || float64(l.Pids) != want[2] || got.Enforced != "kernel" {
			t.Errorf("%s: %+v, want %v", service, got, want)
		}
	}
	// The services know them.
	if got := s.env("GOMEMLIMIT") + " " + s.env("GOMAXPROCS") + " " + s.env("NODE_OPTIONS"); got != "120795955 2 --max-old-space-size=96" {
		t.Errorf("the backend is told %q", got)
	}
	if got := s.redis("INFO", "memory"); !strings.Contains(got, "\r\nmaxmemory:134217728\r\n") {
		t.Errorf("redis: %s", got)
	}
	s.sql("CREATE TABLE shm (blocks text)")
	s.sql("COPY shm FROM PROGRAM 'stat -fc %b /dev/shm'")
	if got := s.sql("SELECT (blocks::int >> 8) || ' MiB' FROM shm"); got != "256 MiB" {
		t.Errorf("/dev/shm of postgres has %s, want its memory limit", got)
	}
	if got := s.sql("SELECT current_setting('shared_buffers') || ' ' || current_setting('max_connections')"); got != "64MB 16" {
		t.Errorf("postgres: %s", got)
	}
	before := s.report()

	t.Run("memory", func(t *testing.T) {
		s.ask("/alloc/256")
		s.untilStarted(2)
		after := s.report("--wait", "60s")
		backend := after.Services[2]
		const why = "killed: out of memory at 128 MiB (limit 128 MiB)"
		if backend.Restarts != 1 || backend.LastExit.Reason != why || backend.Usage.OOMKills != 1 || backend.Usage.MemoryPeak != 128*mib {
			t.Errorf("%+v", backend)
		}
		session.until("the log tells", func() bool {
			return strings.Contains(session.printed(), "[stack] backend ended: "+why+"; starting it again in 100ms")
		})
		for i := range 2 {
			if after.Services[i].PID != before.Services[i].PID || after.Services[i].Restarts != 0 {
				t.Errorf("%+v, before %+v", after.Services[i], before.Services[i])
			}
		}
	})
	t.Run("another process", func(t *testing.T) {
		if _, got := s.get("backend", "/child-alloc/256"); got != "-9" {
			t.Errorf("it ended with %s", got)
		}
		session.until("the log tells", func() bool {
			return strings.Contains(session.printed(), "[stack] a process of backend: killed: out of memory at 128 MiB (limit 128 MiB)")
		})
		if backend := s.report().Services[2]; backend.Restarts != 1 || backend.Usage.OOMKills != 2 {
			t.Errorf("%+v", backend)
		}
	})
	t.Run("pids", func(t *testing.T) {
		if _, got := s.get("backend", "/fork"); !strings.Contains(got, "Resource temporarily unavailable") {
			t.Errorf("the bomb ended with %q", got)
		}
		session.until("the log tells", func() bool {
			return strings.Contains(session.printed(), "[stack] backend is at its limit of 40 processes and threads")
		})
		if text := s.ok("health"); !regexp.MustCompile(`(?m)^backend .* (39|40) / 40 +2 +kernel$`).MatchString(text) {
			t.Errorf("health:\n%s", text)
		}
	})
	t.Run("set-limits", func(t *testing.T) {
		got := s.ok("set-limits", "--service", "backend", "--memory", "512MiB", "--pids", "64", "--cpus", "0.5")
		if got != "backend cpus: 0.5 -> 0.5\nbackend memory: 128 MiB -> 512 MiB\nbackend pids: 40 -> 64\n" {
			t.Errorf("%q", got)
		}
		s.get("backend", "/alloc/200")
		if text := s.fails("set-limits", "--service", "backend", "--memory", "100MiB"); !regexp.MustCompile(`^limits of backend not changed: backend uses 2\d\d(\.\d+)? MiB now, and with 100 MiB it would be killed`).MatchString(text) {
			t.Errorf("%s", text)
		}
		s.ok("restart", "--service", "backend")
		if got := s.env("GOMEMLIMIT"); got != "483183820" {
			t.Errorf("after a restart the backend is told %s", got)
		}
		backend := s.stats()["backend"]
		if l := backend.Limits; l.CPUs != 0.5 || l.Memory != 512*mib || l.Pids != 64 || backend.Usage.OOMKills != 2 {
			t.Errorf("after a restart: %+v", backend)
		}
	})
	t.Run("watch", func(t *testing.T) {
		watch := s.begin("stats", "--service", "redis", "--watch")
		watch.until("three times", func() bool { return strings.Count(watch.printed(), "/ 256 MiB (") >= 3 })
		watch.end()
	})
	for want, call := range map[string][]string{
		`service "web" is not part of the stack: want one of postgres, redis, backend`: {"set-limits", "--service", "web", "--cpus", "1"},
		`no limit is given: want one or more of --cpus, --memory and --pids`:           {"set-limits", "--service", "redis"},
		`memory "8m": want 16 MiB to 1 PiB for --memory`:                               {"set-limits", "--service", "redis", "--memory", "8m"},
		`format "xml": want text or json`:                                              {"stats", "--format", "xml"},
	} {
		if text := s.fails(call...); !strings.Contains(text, want) {
			t.Errorf("%v: %s", call, text)
		}
	}
	// The CLI prints large numbers as it likes.
	if got := strings.TrimSpace(s.ok("status", "memory-limit")); !strings.Contains(got, "5.36870912e+08") && !strings.Contains(got, "536870912") {
		t.Errorf("status: %s", got)
	}
}

func TestBadLimits(t *testing.T) {
	t.Parallel()
	s := plain(t)
	for want, flags := range map[string][]string{
		`no limit is given: want one or more of --cpus, --memory and --pids`:                     nil,
		`cpus 0: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2`:                              {"--cpus", "0"},
		`cpus -1: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2`:                             {"--cpus=-1"},
		`cpus 1025: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2`:                           {"--cpus", "1025"},
		`memory "15MiB": want 16 MiB to 1 PiB for --memory`:                                      {"--memory", "15MiB"},
		`memory "lots": want a size such as 512MiB, 2g or 2GiB for --memory`:                     {"--memory", "lots"},
		`pids 0: want 1 to 4194304 processes and threads for --pids`:                             {"--pids", "0"},
		`service "web" is not part of the stack: want one of postgres, redis, backend, frontend`: {"--service", "web", "--cpus", "1"},
	} {
		call := append(append([]string{"with-limits"}, flags...), "up", "--project-path", s.project)
		if text := s.fails(call...); text != want {
			t.Errorf("%v: %q, want %q", flags, text, want)
		}
	}
	for _, call := range [][]string{{"stats"}, {"set-limits", "--service", "redis", "--cpus", "1"}} {
		if text := s.fails(call...); !strings.Contains(text, "never ran on this engine") {
			t.Errorf("%v: %s", call, text)
		}
	}
}
