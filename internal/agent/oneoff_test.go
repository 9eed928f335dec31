//go:build root

package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// runOneOff is a script that is run to its end, beside a stack.
func runOneOff(t *testing.T, script spec.Service) *running {
	r := newTest(t, script)
	r.OneOff = filepath.Join(filepath.Dir(r.State), "one-off")
	return r
}

// result waits for the end of the agent, and is how the command has ended.
func (r *running) result() (result protocol.RunResult) {
	r.Helper()
	if code := r.exitCode(); code != 0 {
		r.Fatalf("exit code %d: %s", code, r.output.String())
	}
	data, err := os.ReadFile(r.OneOff + ".json")
	if err == nil {
		err = json.Unmarshal(data, &result)
	}
	if err != nil {
		r.Fatal(err)
	}
	return result
}

// All that the command prints comes through, with secrets redacted, and nothing else; nothing is left of it.
func TestOneOffOutput(t *testing.T) {
	service := script(`head -c 3000000 /dev/zero | tr '\0' x; echo; echo "the $TOKEN" >&2; printf "no newline"; exit 5`)
	service.Process.Env = []spec.Variable{{Name: "TOKEN", Value: spec.Value{spec.SecretPart("token", spec.Plain)}}}
	r := runOneOff(t, service)
	os.MkdirAll(r.Secrets, 0o700)
	if err := os.WriteFile(filepath.Join(r.Secrets, "token"), []byte("hush-hush-hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	if result := r.start().result(); result != (protocol.RunResult{Code: 5}) {
		t.Errorf("%+v", result)
	}
	output := r.output.String()
	if strings.Count(output, "x") != 3000000 || !strings.Contains(output, "the ***\n") || !strings.Contains(output, "no newline") || strings.Contains(output, "[stack]") {
		t.Errorf("%d bytes: %.100q … %q", len(output), output, output[max(0, len(output)-200):])
	}
	if _, err := os.Stat(r.OneOff); !os.IsNotExist(err) {
		t.Errorf("its folder is left: %v", err)
	}
	if names, err := state.At(r.State).Services(); err != nil || len(names) > 0 {
		t.Errorf("the stack has %v, %v", names, err)
	}
}

func TestOneOffEnds(t *testing.T) {
	for text, want := range map[string]protocol.RunResult{
		"exit 0":                             {},
		"kill -9 $$":                         {Code: 137},
		"sleep 60 & exit 3":                  {Code: 3},
		"(trap '' TERM; sleep 60) & kill $$": {Code: 143},
	} {
		if got := runOneOff(t, script(text)).start().result(); got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
	service := script("")
	service.Process.Command = []string{"nope"}
	if got := runOneOff(t, service).start().result(); got.Code != 127 || !strings.Contains(got.Why, `command "nope": not found`) {
		t.Errorf("%+v", got)
	}
	greedy := script("exec tail /dev/zero")
	greedy.Limits = spec.Limits{Memory: 32 << 20}
	r := runOneOff(t, greedy)
	r.Cgroup = "test-once"
	if got := r.start().result(); got.Code != 137 || !strings.Contains(got.Why, "out of memory at 32 MiB") {
		t.Errorf("%+v", got)
	}
}

// It has no more rights than a service: no group but the user's first, no capability, no new privileges, a filter.
func TestOneOffRights(t *testing.T) {
	service := script("id -u; grep -E 'Groups|Cap(Eff|Prm|Bnd|Inh)|NoNewPrivs|Seccomp:' /proc/self/status")
	service.Mode = spec.ModeJob
	r := runOneOff(t, service)
	r.start().result()
	want := "65534\nGroups:\t \nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"
	if got := r.output.String(); got != want {
		t.Errorf("%q", got)
	}
}

// A hundred, ten at a time, leave nothing: no process, no folder, no cgroup, and nothing of them in the stack.
func TestOneOffsLeaveNothing(t *testing.T) {
	for range 10 {
		var all []*running
		for i := range 10 {
			r := runOneOff(t, script("setsid sleep 84 & echo out"))
			r.Cgroup = fmt.Sprintf("test-left-%d", i)
			all = append(all, r.start())
		}
		for _, r := range all {
			if r.result(); r.output.String() != "out\n" {
				t.Errorf("%q", r.output.String())
			}
			_, err := os.Stat(r.OneOff)
			if names, listErr := state.At(r.State).Services(); !os.IsNotExist(err) || len(names) > 0 {
				t.Errorf("left: %v, %v %v", err, names, listErr)
			}
		}
	}
	if left := sleepers("84"); left > 0 {
		t.Errorf("%d processes", left)
	}
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), "test-left-") {
			t.Errorf("left: %s", path)
		}
		return nil
	})
}

// What it needs has to run: it waits for that to become healthy, and not for what nobody has started.
func TestOneOffNeeds(t *testing.T) {
	service := script("echo runs")
	service.DependsOn = []spec.Dependency{{Service: "db"}, {Service: "cache", Optional: true}}
	r := runOneOff(t, service).start()
	if code := r.exitCode(); code == 0 || !strings.Contains(r.output.String(), "db, which the command needs, does not run: start the stack with it") {
		t.Errorf("exit code %d: %s", code, r.output.String())
	}
	db := state.At(r.State).Service("db")
	lock, err := db.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	health := func(health state.Health) {
		if err := db.WriteStatus(state.Status{Service: "db", Health: health, Updated: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	health(state.Starting)
	before := r.State
	r = runOneOff(t, service)
	r.State = before
	r.start()
	time.Sleep(10 * needsPoll)
	if got := r.output.String(); got != "" {
		t.Errorf("it ran before: %s", got)
	}
	health(state.Healthy)
	r.result()
	if got := r.output.String(); got != "runs\n" {
		t.Errorf("%q", got)
	}
}
