package client

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// world is a state volume on which a test says what agents have said.
type world struct {
	*testing.T
	Client
}

func newWorld(t *testing.T) world {
	return world{t, Client{Name: "shop", State: state.At(t.TempDir())}}
}

// agent has written that status; it still runs until the returned function is called.
func (w world) agent(status state.Status) (end func()) {
	w.Helper()
	service := w.State.Service(status.Service)
	lock, err := service.Lock()
	if err != nil {
		w.Fatal(err)
	}
	if status.Updated.IsZero() {
		status.Updated = time.Now()
	}
	if err := service.WriteStatus(status); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { lock.Close() })
	return func() { lock.Close() }
}

func healthy(name string, needs ...string) state.Status {
	return state.Status{
		Service: name, Phase: state.Running, Health: state.Healthy, PID: 7, Started: time.Now().Add(-time.Minute), Needs: needs,
		Probes: []state.Result{{Output: "fine\nand more", Duration: spec.Duration(time.Millisecond)}},
	}
}

// run is the note of an up.
func (w world) run(names ...string) {
	w.Helper()
	var out bytes.Buffer
	if err := w.Begin(&out, BeginRequest{Services: names}); err != nil {
		w.Fatal(err)
	}
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %v, want %q in it", what, err, want)
	}
}

func TestHealthOfAStack(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.Health(t.Context(), HealthRequest{})
	wantError(t, "before the first up", err, `stack "shop" never ran on this engine: start it with dagger call up --project-path . up`)

	w.run("postgres", "backend")
	endPostgres := w.agent(healthy("postgres"))
	text, ok, err := w.Health(t.Context(), HealthRequest{})
	if err != nil || ok || !strings.Contains(text, "never started") || !strings.Contains(text, `stack "shop" is not healthy at`) {
		t.Errorf("one has not started: %v %v\n%s", ok, err, text)
	}
	endBackend := w.agent(healthy("backend", "postgres"))
	text, ok, err = w.Health(t.Context(), HealthRequest{})
	if err != nil || !ok || !strings.Contains(text, "fine (1ms)") || strings.Contains(text, "and more") {
		t.Errorf("both: %v %v\n%s", ok, err, text)
	}
	text, _, err = w.Health(t.Context(), HealthRequest{Service: "backend", Format: "json"})
	var report Report
	if jsonErr := json.Unmarshal([]byte(text), &report); err != nil || jsonErr != nil || len(report.Services) != 1 || report.Services[0].PID != 7 || !report.Services[0].Running {
		t.Errorf("json: %v %v %s", err, jsonErr, text)
	}
	_, _, err = w.Health(t.Context(), HealthRequest{Service: "web"})
	wantError(t, "an unknown service", err, `service "web" is not part of the stack: want one of postgres, backend`)
	for want, r := range map[string]HealthRequest{
		`wait "soon": want a duration such as 60s`: {Wait: "soon"},
		`wait "-1s": want a duration such as 60s`:  {Wait: "-1s"},
		`format "xml": want text or json`:          {Format: "xml"},
	} {
		_, _, err := w.Health(t.Context(), r)
		wantError(t, want, err, want)
	}
	endBackend()
	text, ok, err = w.Health(t.Context(), HealthRequest{})
	if err != nil || ok || !strings.Contains(text, "not running, last seen 0s ago") {
		t.Errorf("one has ended: %v %v\n%s", ok, err, text)
	}
	endPostgres()
	_, _, err = w.Health(t.Context(), HealthRequest{})
	wantError(t, "after the end", err, `stack "shop" is not running (last seen 0s ago): start it with`)
}

// An agent that holds its lock and says nothing hangs: what it said last is not believed.
func TestStaleHeartbeat(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	status := healthy("redis")
	status.Updated = time.Now().Add(-state.Stale - time.Second)
	w.agent(status)
	_, _, err := w.Health(t.Context(), HealthRequest{})
	wantError(t, "health", err, `stack "shop" is not running (last seen 6s ago)`)
}

func TestHealthWaits(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	status := healthy("redis")
	status.Health = state.Starting
	w.agent(status)
	if _, ok, err := w.Health(t.Context(), HealthRequest{Wait: "1ms"}); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	time.AfterFunc(20*time.Millisecond, func() {
		status.Health, status.Updated = state.Healthy, time.Now()
		w.State.Service("redis").WriteStatus(status)
	})
	if _, ok, err := w.Health(t.Context(), HealthRequest{Wait: "1m"}); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status.Health = state.Starting
	w.State.Service("redis").WriteStatus(status)
	if _, _, err := w.Health(ctx, HealthRequest{Wait: "1m"}); err == nil {
		t.Error("it waits although its caller has gone")
	}
}

func TestBeginRefusesARunningStack(t *testing.T) {
	w := newWorld(t)
	var out bytes.Buffer
	if err := w.Begin(&out, BeginRequest{Services: []string{"redis"}}); err != nil || !strings.Contains(out.String(), `"shop" is new on this engine and starts without data`) {
		t.Errorf("the first: %v %q", err, out.String())
	}
	out.Reset()
	if err := w.Begin(&out, BeginRequest{Services: []string{"redis"}}); err != nil || out.Len() > 0 {
		t.Errorf("the second: %v %q", err, out.String())
	}
	end := w.agent(healthy("redis"))
	if err := w.Begin(&out, BeginRequest{Services: []string{"redis"}}); err != nil || out.Len() > 0 {
		t.Errorf("again in the same session: %v %q", err, out.String())
	}
	wantError(t, "while it runs", w.Begin(&out, BeginRequest{Session: "another"}), `stack "shop" is already running for 1m (redis): use it, end it with dagger call --name shop stop, or start another one`)
	go func() {
		time.Sleep(100 * time.Millisecond)
		end()
	}()
	if err := w.Begin(&out, BeginRequest{Services: []string{"redis"}, Session: "another", Patience: time.Minute}); err != nil {
		t.Errorf("while it ends: %v %q", err, out.String())
	}
}

// A service that an up before the last had is not part of the stack any more, unless it runs.
func TestServicesOfTheLastUp(t *testing.T) {
	w := newWorld(t)
	w.run("postgres", "frontend")
	w.agent(healthy("frontend"))()
	w.run("postgres")
	end := w.agent(healthy("postgres"))
	defer end()
	if report, err := w.Report(""); err != nil || len(report.Services) != 1 {
		t.Errorf("%+v %v", report, err)
	}
	w.agent(healthy("frontend"))
	if report, err := w.Report(""); err != nil || len(report.Services) != 2 {
		t.Errorf("%+v %v", report, err)
	}
}

func TestOrderOfNeed(t *testing.T) {
	w := newWorld(t)
	w.agent(healthy("a", "c"))
	w.agent(healthy("b", "a"))
	w.agent(healthy("c"))
	w.agent(healthy("d", "c", "gone"))
	all := []state.Service{}
	for _, name := range []string{"b", "a", "d", "c"} {
		all = append(all, w.State.Service(name))
	}
	names := func(services []state.Service) (text string) {
		for _, s := range services {
			text += s.Name
		}
		return text
	}
	if got := names(inOrder(all)); got != "cabd" {
		t.Errorf("in order: %s", got)
	}
	if got := names(dependents(all, "c")); got != "abd" {
		t.Errorf("dependents of c: %s", got)
	}
	if got := names(dependents(all, "b")); got != "" {
		t.Errorf("dependents of b: %s", got)
	}
	// Needs in a circle are nobody's to make, but they end.
	w.State.Service("c").WriteStatus(healthy("c", "b"))
	if got := names(inOrder(all)); len(got) != 4 {
		t.Errorf("a circle: %s", got)
	}
}

func TestReset(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	data := t.TempDir()
	os.WriteFile(filepath.Join(data, "dump.rdb"), []byte("data"), 0o600)
	var out bytes.Buffer
	reset := func(confirm string) error { return w.Reset(&out, ResetRequest{Confirm: confirm, Data: []string{data}}) }
	wantError(t, "without a name", reset(""), "confirm with --confirm shop")
	wantError(t, "another name", reset("other"), "confirm with --confirm shop")
	status := healthy("redis")
	status.Volumes = []string{"redis"}
	end := w.agent(status)
	wantError(t, "while it runs", reset("shop"), `stack "shop" is running (redis): end it first with dagger call --name shop stop`)
	if err := w.Volumes(&out); err != nil || out.String() != "redis\n" {
		t.Errorf("volumes %q %v", out.String(), err)
	}
	end()
	lock, err := state.LockFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "the data is in use", reset("shop"), "is in use: nothing was dropped from it")
	if _, err := os.Stat(filepath.Join(data, "dump.rdb")); err != nil {
		t.Error(err)
	}
	lock.Close()
	if err := reset("shop"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{data, w.State.Root()} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("left in %s: %v %v", dir, entries, err)
		}
	}
}

func TestRequestsOfAStackThatDoesNotRun(t *testing.T) {
	w := newWorld(t)
	w.run("redis", "backend")
	w.agent(healthy("redis"))()
	var out bytes.Buffer
	wantError(t, "restart", w.Restart(t.Context(), &out, RestartRequest{Service: "redis", Timeout: "1s"}), `stack "shop" is not running (last seen`)
	wantError(t, "stop", w.Stop(t.Context(), &out), `stack "shop" is not running (last seen`)
	wantError(t, "backup", w.Backup(t.Context(), filepath.Join(t.TempDir(), "x")), `stack "shop" is not running (last seen`)
	w.agent(healthy("redis"))
	wantError(t, "one that does not run", w.Restart(t.Context(), &out, RestartRequest{Service: "backend", Timeout: "1s"}), `service "backend" does not run, though others of the stack do`)
	wantError(t, "no name", w.Restart(t.Context(), &out, RestartRequest{Timeout: "1s"}), "which service? Name it with --service")
	for _, timeout := range []string{"", "soon", "0s", "-1s"} {
		wantError(t, "timeout "+timeout, w.Restart(t.Context(), &out, RestartRequest{Service: "redis", Timeout: timeout}), "want a duration such as 60s")
	}
	// Its agent is there and does not answer.
	wantError(t, "no answer", w.Restart(t.Context(), &out, RestartRequest{Service: "redis", Timeout: "20ms"}), "redis did not come back: no answer within 20ms")
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", 90 * time.Second: "1m", 3 * time.Hour: "3h", 47 * time.Hour: "47h", 100 * time.Hour: "4d",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// Any file given to restore: it is a backup as it was written, or nothing is put anywhere but in its place.
func FuzzArchive(f *testing.F) {
	archive := func(files ...string) []byte {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for i := 0; i < len(files); i += 2 {
			w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1]))})
			w.Write([]byte(files[i+1]))
		}
		w.Close()
		return out.Bytes()
	}
	f.Add(archive(manifestName, `{"format":1,"services":{"redis":{"file":"redis.rdb","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}`, "redis.rdb", ""))
	f.Add(archive(manifestName, `{"format":1,"services":{"redis":{"file":"../x","sha256":"1"}}}`, "../x", "evil"))
	f.Add(archive(manifestName, `{"format":2}`))
	f.Add(archive("other", "x"))
	f.Add([]byte("no archive"))
	f.Fuzz(func(t *testing.T, content []byte) {
		reader := tar.NewReader(bytes.NewReader(content))
		manifest, err := readManifest(reader)
		if err != nil {
			return
		}
		outer := t.TempDir()
		folder := filepath.Join(outer, "exchange")
		os.Mkdir(folder, 0o700)
		targets := map[string]string{}
		for _, dumped := range manifest.Services {
			targets[dumped.File] = filepath.Join(folder, filepath.Base(dumped.File))
		}
		extract(reader, manifest, targets)
		if entries, _ := os.ReadDir(outer); len(entries) != 1 {
			t.Errorf("written outside of the folder: %v", entries)
		}
	})
}
