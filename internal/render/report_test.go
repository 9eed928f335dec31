package render

import (
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

func TestUsageTable(t *testing.T) {
	services := []control.ServiceReport{
		{Running: true, Status: state.Status{
			Service: "postgres", Enforced: state.ByKernel, Limits: spec.Limits{CPUs: 1024, Memory: 1023 << 30, Pids: 1 << 22},
			Usage: &state.Usage{Memory: 1022 << 30, MemoryPeak: 1023 << 30, CPUs: 1023.99, Throttled: 0.994, Pids: 1 << 22, OOMKills: 123456},
			Notes: []string{"memory is more than the machine's"},
		}},
		{Running: true, Status: state.Status{
			Service: "redis", Enforced: state.ByWatchdog, Usage: &state.Usage{Memory: 3 << 20, MemoryPeak: 4 << 20, CPUs: 0.004, Pids: 5},
		}},
		{Running: false, Status: state.Status{Service: "backend", Usage: &state.Usage{Memory: 1}}},
		{Running: true, Status: state.Status{Service: "frontend"}},
	}
	var out strings.Builder
	usageTable(&out, services)
	notes(&out, services)
	want := `SERVICE   MEMORY                         PEAK      CPU             THROTTLED  PIDS               OOM KILLS  LIMITS BY
postgres  1022 GiB / 1023 GiB (100%)     1023 GiB  1023.99 / 1024  99%        4194304 / 4194304  123456     kernel
redis     3 MiB                          4 MiB     0.00            0%         5                  0          watchdog
backend   -                              -         -               -          -                  -          -
frontend  -                              -         -               -          -                  -          -
note: postgres: memory is more than the machine's
`
	got := out.String()
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for line := range strings.Lines(got) {
		if len(line) > 120+1 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

// A job that is done says how it ended, and how long it took.
func TestDetailOfAJob(t *testing.T) {
	status := state.Status{
		Mode: spec.ModeJob, Phase: state.Exited, Health: state.Done, Updated: time.Now(),
		LastExit: &state.Exit{Took: spec.Duration(1234 * time.Millisecond)},
	}
	if got, want := Detail(control.ServiceReport{Status: status, Running: true}, time.Now()), "exit code 0 after 1.23s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHealthNamesWhatIsLeftOut(t *testing.T) {
	text, err := Health(control.Report{Stack: "x", LeftOut: []string{"traefik: the Docker socket"}}, "text")
	if err != nil || !strings.Contains(text, "\nleft out: traefik: the Docker socket\n") {
		t.Errorf("%v\n%s", err, text)
	}
}
