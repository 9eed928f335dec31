//go:build root

package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A job whose work is done is not run again: the same files read, on the same data. One that failed is.
func TestOnce(t *testing.T) {
	service := script("echo works; exit ${CODE:-0}")
	service.Mode, service.Restart = spec.ModeJob, spec.Restart{Policy: spec.RestartNo}
	service.DependsOn = []spec.Dependency{{Service: "db"}}
	service.Once = &spec.Once{Digest: "one"}
	r := newTest(t, service)
	db := state.At(r.State).Service("db")
	lock, err := db.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	runs := 0
	for _, c := range []struct {
		name, digest, data, code string
		runs                     bool
	}{
		{"the first time", "one", "a", "0", true},
		{"the same again", "one", "a", "0", false},
		{"other data", "one", "b", "0", true},
		{"other files", "two", "b", "0", true},
		{"the same again", "two", "b", "0", false},
		{"other files, and it fails", "three", "b", "7", true},
		{"after it has failed", "three", "b", "0", true},
		{"after it has succeeded", "three", "b", "0", false},
		{"a database of which nobody knows the data", "three", "", "0", true},
		{"still", "three", "", "0", true},
		{"always", "", "b", "0", true},
		{"always", "", "b", "0", true},
	} {
		if err := db.WriteStatus(state.Status{Service: "db", Health: state.Healthy, Data: c.data, Updated: time.Now()}); err != nil {
			t.Fatal(err)
		}
		r.Service.Once = &spec.Once{Digest: c.digest}
		r.Service.Process.Env = []spec.Variable{spec.Env("CODE", c.code)}
		next := &running{T: t, testConfig: r.testConfig, folder: r.folder, before: r.status().Instance}
		next.start()
		s := next.untilStatus("its end", func(s state.Status) bool { return s.Instance != next.before && s.Phase == state.Exited })
		if c.runs {
			runs++
		}
		if got := strings.Count(next.logs(), "works\n"); got != runs || (s.Skipped == "") != c.runs {
			t.Fatalf("%s: it ran %d times, want %d; skipped: %q", c.name, got, runs, s.Skipped)
		}
		if c.code == "0" {
			if s.Outcome() != state.Completed {
				t.Errorf("%s: %s", c.name, s.Outcome())
			}
			next.end()
		} else {
			next.exitCode()
		}
	}
}

// A request to run the job is served, whether its work is done or not.
func TestOnceOnRequest(t *testing.T) {
	service := script("echo works")
	service.Mode, service.Once = spec.ModeJob, &spec.Once{Files: []string{"/nowhere"}}
	r := newTest(t, service).start()
	r.until("skipped", func() bool { return r.status().Skipped == "its image has no /nowhere" })
	var result protocol.RestartResult
	if err := r.ask(protocol.VerbRestart, &result); err != nil {
		t.Fatal(err)
	}
	r.until("run", func() bool { return r.status().Skipped == "" && strings.Contains(r.logs(), "works\n") })
}

// Data is the same through restarts, and another one when its folder was emptied or its first start did not come to its end.
func TestWhichData(t *testing.T) {
	r := withData(t, `echo one > $DATA/file && echo written; exec sleep 60`).start()
	r.until("written", func() bool { return strings.Contains(r.logs(), "written") }) // an empty folder holds no data yet
	first := r.untilHealthy().Data
	if first == "" {
		t.Fatal("no data")
	}
	r.end()
	r = r.again()
	if again := r.untilHealthy().Data; again != first {
		t.Errorf("%s became %s", first, again)
	}
	r.end()
	if err := os.RemoveAll(r.Service.Data[0].Path); err != nil {
		t.Fatal(err)
	}
	r = r.again()
	second := r.untilHealthy().Data
	if second == first {
		t.Error("new data is the same")
	}
	r.end()
	if err := os.WriteFile(filepath.Join(r.Service.Data[0].Path, firstStart), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if third := r.again().untilHealthy().Data; third == second {
		t.Error("data that was made anew is the same")
	}
}
