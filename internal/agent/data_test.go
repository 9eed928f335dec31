//go:build root

package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"dagger/stack/internal/spec"
)

func itoa(n int) string { return strconv.Itoa(n) }

// withData is a service with a data folder; $DATA names it.
func withData(t *testing.T, text string) *running {
	r := newTest(t, script(text))
	data := filepath.Join(filepath.Dir(r.State), "data")
	r.Service.Data = []spec.DataDir{{Path: data, Name: "data", Stale: []string{"pid"}}}
	r.Service.Process.Env = []spec.Variable{spec.Env("DATA", data)}
	return r
}

func (r *running) again() *running {
	r.Helper()
	next := &running{T: r.T, testConfig: r.testConfig, folder: r.folder, before: r.status().Instance, endsBefore: r.ends()}
	return next.start()
}

func (r *running) end() {
	r.Helper()
	r.cmd.Process.Signal(syscall.SIGTERM)
	r.exitCode()
}

func TestDataBelongsToTheService(t *testing.T) {
	r := withData(t, `echo one > $DATA/file && echo written; exec sleep 60`).start()
	r.until("written", func() bool { return strings.Contains(r.logs(), "written") })
	r.untilHealthy()
	r.end()
	r = r.again()
	r.untilHealthy()
	if text, err := os.ReadFile(filepath.Join(r.Service.Data[0].Path, "file")); err != nil || string(text) != "one\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// Data of another user, as another variant of an image has it, becomes the service's.
func TestDataOfAnotherUser(t *testing.T) {
	r := withData(t, `cat $DATA/deep/file && echo written > $DATA/deep/new && echo done; exec sleep 60`)
	deep := filepath.Join(r.Service.Data[0].Path, "deep")
	os.MkdirAll(deep, 0o700)
	os.WriteFile(filepath.Join(deep, "file"), []byte("old data\n"), 0o600)
	filepath.Walk(r.Service.Data[0].Path, func(path string, _ os.FileInfo, _ error) error { return os.Chown(path, 999, 999) })
	r.start()
	r.until("done", func() bool { return strings.Contains(r.logs(), "old data\n") && strings.Contains(r.logs(), "done\n") })
}

// What a first start that failed has left is no data.
func TestHalfMadeDataIsMadeAnew(t *testing.T) {
	const script = `if [ -e $DATA/made ]; then echo "found something"; else echo "making"; touch $DATA/made; fi
		[ -e /tmp/%s ] && exit 9; exec sleep 60`
	flag := fmt.Sprint("half-made-", os.Getpid())
	os.WriteFile("/tmp/"+flag, nil, 0o644)
	t.Cleanup(func() { os.Remove("/tmp/" + flag) })
	r := withData(t, fmt.Sprintf(script, flag))
	r.Service.Probe = quick(spec.Probe{Exec: []string{"sleep", "0.3"}})
	r.start()
	if got := r.exitCode(); got != 9 {
		t.Fatalf("exit code %d; log:\n%s", got, r.logs())
	}
	os.Remove("/tmp/" + flag)
	r = r.again()
	r.untilHealthy()
	r.end()
	r = r.again()
	r.untilHealthy()
	r.until("three starts", func() bool {
		return strings.Count(r.logs(), "making") == 2 && strings.Count(r.logs(), "found something") == 1
	})
	if !strings.Contains(r.logs(), "is made anew") {
		t.Errorf("not said; log:\n%s", r.logs())
	}
}

func TestStaleFilesAreRemoved(t *testing.T) {
	r := withData(t, `[ -e $DATA/pid ] && echo stale; touch $DATA/pid; echo up; exec sleep 60`).start()
	r.until("up", func() bool { return strings.Contains(r.logs(), "up\n") })
	child := r.untilHealthy().PID
	syscall.Kill(child, syscall.SIGKILL)
	r.until("up again", func() bool { return strings.Count(r.logs(), "up\n") == 2 })
	r.cmd.Process.Kill()
	r.exitCode()
	syscall.Kill(r.status().PID, syscall.SIGKILL)
	r.until("free", func() bool { return !r.folder.Alive() })
	r = r.again()
	r.until("up once more", func() bool { return strings.Count(r.logs(), "up\n") == 3 })
	if strings.Contains(r.logs(), "stale") {
		t.Errorf("log:\n%s", r.logs())
	}
}

func TestTwoStacksOnOneFolder(t *testing.T) {
	r := withData(t, "exec sleep 60").start()
	r.untilHealthy()
	other := newTest(t, r.Service)
	if got := other.start().exitCode(); got != 99 || !strings.Contains(other.output.String(), "another stack uses it") {
		t.Errorf("exit code %d, says %q", got, other.output.String())
	}
}

// A hook runs when its secret is not the one it last ran with, and not for data that is being made.
func TestHooks(t *testing.T) {
	r := withData(t, "touch $DATA/made; exec sleep 60")
	r.Service.Probe = quick(spec.Probe{Exec: []string{"sh", "-c", "test -e $DATA/made"}})
	applied := filepath.Join(r.Service.Data[0].Path, "applied")
	r.Service.Hooks = []spec.Hook{{
		Name: "apply the password", Secret: "password",
		Command: []string{"sh", "-c", "cat >> " + applied}, Stdin: spec.Value{spec.Text("["), spec.SecretPart("password", spec.Plain), spec.Text("]")},
	}}
	give := func(password string) {
		os.MkdirAll(r.Secrets, 0o700)
		if err := os.WriteFile(filepath.Join(r.Secrets, "password"), []byte(password), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(password string) {
		t.Helper()
		give(password)
		r = r.again()
		r.untilHealthy()
		r.end()
	}
	run("one")
	run("one")
	run("two's")
	run("two's")
	run("three")
	if text, _ := os.ReadFile(applied); string(text) != "[two's][three]" {
		t.Errorf("applied %q", text)
	}
	if strings.Contains(r.logs(), "two's") {
		t.Errorf("the log has the secret:\n%s", r.logs())
	}
}

func TestHookThatFails(t *testing.T) {
	r := withData(t, "echo up; exec sleep 60")
	os.MkdirAll(r.Service.Data[0].Path, 0o755)
	os.WriteFile(filepath.Join(r.Service.Data[0].Path, "old"), nil, 0o644)
	r.Service.Hooks = []spec.Hook{{Name: "apply the password", Secret: "password", Command: []string{"sh", "-c", "echo no such role; exit 4"}}}
	r.start()
	if got := r.exitCode(); got != 127 || !strings.Contains(r.logs(), "apply the password: exit code 4: no such role") {
		t.Errorf("exit code %d, log:\n%s", got, r.logs())
	}
}

func TestSecretsAndFiles(t *testing.T) {
	r := newTest(t, script(`echo "in the environment: $PASSWORD"; cat "$CONFIG"; stat -c '%a %U' "$CONFIG"; exec sleep 60`))
	config := filepath.Join(filepath.Dir(r.State), "run", "config")
	link := filepath.Join(filepath.Dir(r.State), "link")
	r.Service.Files = []spec.File{{Path: config, Link: link, Content: spec.Value{
		spec.Text("given "), spec.SecretPart("given", spec.Quoted), spec.Text(" made "), spec.SecretPart("made", spec.Plain), spec.Text("\n"),
	}}}
	r.Service.Process.Env = []spec.Variable{
		spec.Env("CONFIG", config),
		{Name: "PASSWORD", Value: spec.Value{spec.SecretPart("given", spec.URL)}},
		spec.Env("LITERAL", `{{secret "given"}}`),
	}
	os.MkdirAll(r.Secrets, 0o700)
	os.WriteFile(filepath.Join(r.Secrets, "given"), []byte(`p"w/d@1`+"\n"), 0o600)
	r.start()
	r.until("output", func() bool { return strings.Contains(r.logs(), "400 nobody") })
	text, err := os.ReadFile(link)
	if to, _ := os.Readlink(link); to != config {
		t.Errorf("a link to %q, want %q", to, config)
	}
	made, _ := os.ReadFile(filepath.Join(r.State, "secrets", "made"))
	if want := `given "p\"w/d@1" made ` + strings.TrimSpace(string(made)) + "\n"; err != nil || string(text) != want || len(made) < 20 {
		t.Errorf("%q, %v, want %q", text, err, want)
	}
	if logs := r.logs(); strings.Contains(logs, strings.TrimSpace(string(made))) || !strings.Contains(logs, "***") {
		t.Errorf("log:\n%s", logs)
	}
}
