package control_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"

	. "dagger/stack/internal/control"
)

func TestHealthOfAStack(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.health(HealthRequest{})
	wantError(t, "before the first up", err, `stack "shop" never ran on this engine: start it with dagger call --name shop up --project-path . up`)

	w.run("postgres", "backend")
	endPostgres := w.agent(healthy("postgres"))
	text, ok, err := w.health(HealthRequest{})
	if err != nil || ok || !strings.Contains(text, "never started") || !strings.Contains(text, `stack "shop" is not healthy at`) {
		t.Errorf("one has not started: %v %v\n%s", ok, err, text)
	}
	endBackend := w.agent(healthy("backend", "postgres"))
	text, ok, err = w.health(HealthRequest{})
	if err != nil || !ok || !strings.Contains(text, "fine (1ms)") || strings.Contains(text, "and more") {
		t.Errorf("both: %v %v\n%s", ok, err, text)
	}
	text, _, err = w.health(HealthRequest{Service: "backend", Format: "json"})
	var report Report
	if jsonErr := json.Unmarshal([]byte(text), &report); err != nil || jsonErr != nil || len(report.Services) != 1 || report.Services[0].PID != 7 || !report.Services[0].Running {
		t.Errorf("json: %v %v %s", err, jsonErr, text)
	}
	_, _, err = w.health(HealthRequest{Service: "web"})
	wantError(t, "an unknown service", err, `service "web" is not part of the stack: want one of postgres, backend`)
	for want, r := range map[string]HealthRequest{
		`wait "soon": want a duration such as 60s`: {Wait: "soon"},
		`wait "-1s": want a duration such as 60s`:  {Wait: "-1s"},
		`format "xml": want text or json`:          {Format: "xml"},
	} {
		_, _, err := w.health(r)
		wantError(t, want, err, want)
	}
	endBackend()
	text, ok, err = w.health(HealthRequest{})
	if err != nil || ok || !strings.Contains(text, "not running, last seen 0s ago") {
		t.Errorf("one has ended: %v %v\n%s", ok, err, text)
	}
	endPostgres()
	_, _, err = w.health(HealthRequest{})
	wantError(t, "after the end", err, `stack "shop" is not running (last seen 0s ago): start it with`)
}

// An agent that holds its lock and says nothing hangs: what it said last is not believed.
func TestStaleHeartbeat(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	status := healthy("redis")
	status.Updated = time.Now().Add(-state.Stale - time.Second)
	w.agent(status)
	_, _, err := w.health(HealthRequest{})
	wantError(t, "health", err, `stack "shop" is not running (last seen`)
}

// What an agent cannot write, because its disk is full, it says when it is asked.
func TestUnwrittenStatus(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	status := healthy("redis")
	status.Updated = time.Now().Add(-state.Stale - time.Second)
	w.agent(status)
	agent, err := socket.Listen(w.State.Service("redis"), "1")
	if err != nil {
		t.Fatal(err)
	}
	defer agent.Close()
	go func() {
		for request := range agent.Requests {
			if request.Take() {
				status.Updated, status.Restarts = time.Now(), 3
				request.Reply(status, nil)
			}
		}
	}()
	if report, err := w.Report(""); err != nil || !report.Healthy || report.Services[0].Restarts != 3 {
		t.Errorf("%v %+v", err, report)
	}
}

func TestHealthWaits(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	status := healthy("redis")
	status.Health = state.Starting
	w.agent(status)
	if _, ok, err := w.health(HealthRequest{Wait: "1ms"}); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	time.AfterFunc(20*time.Millisecond, func() {
		status.Health, status.Updated = state.Healthy, time.Now()
		w.State.Service("redis").WriteStatus(status)
	})
	if _, ok, err := w.health(HealthRequest{Wait: "1m"}); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status.Health = state.Starting
	w.State.Service("redis").WriteStatus(status)
	if _, err := w.Health(ctx, HealthRequest{Wait: "1m"}); err == nil {
		t.Error("it waits although its caller has gone")
	}
}

func TestBeginRefusesARunningStack(t *testing.T) {
	w := newWorld(t)
	redis := BeginRequest{}
	if withoutData, err := w.Begin(redis); err != nil || !withoutData || !strings.Contains(w.WithoutData(w.State, ""), `"shop" is new on this engine and starts without data`) {
		t.Errorf("the first: %v %v", err, withoutData)
	}
	if withoutData, err := w.Begin(redis); err != nil || !withoutData {
		t.Errorf("after one that has started nothing: %v %v", err, withoutData)
	}
	w.consists(Parts{Services: []string{"redis"}})
	if withoutData, err := w.Begin(redis); err != nil || withoutData {
		t.Errorf("the second: %v %v", err, withoutData)
	}
	end := w.agent(healthy("redis"))
	if withoutData, err := w.Begin(redis); err != nil || withoutData {
		t.Errorf("again in the same session: %v %v", err, withoutData)
	}
	w.Session = "another"
	_, err := w.Begin(BeginRequest{})
	wantError(t, "while it runs", err, `stack "shop" is already running for 1m (redis): use it, end it with dagger call --name shop stop, or start another one`)
	go func() {
		time.Sleep(100 * time.Millisecond)
		end()
	}()
	redis.Timeout = time.Minute
	if withoutData, err := w.Begin(redis); err != nil {
		t.Errorf("while it ends: %v %v", err, withoutData)
	}
}

// A stack that nobody has named is that of one folder's project: another one does not get its data.
func TestBeginRefusesAnotherProject(t *testing.T) {
	w := newWorld(t)
	up := func(from string, ephemeral bool) error {
		_, err := w.Begin(BeginRequest{From: from, Ephemeral: ephemeral})
		if err == nil {
			w.consists(Parts{Services: []string{"redis"}})
		}
		return err
	}
	for _, from := range []string{"", "/home/me/shop", "/home/me/shop", ""} { // "": the stack was named, or the folder is not known
		if err := up(from, false); err != nil {
			t.Errorf("up in %q: %v", from, err)
		}
	}
	if err := up("/home/me/blog", false); err != nil {
		t.Errorf("after an up that has named it: %v", err)
	}
	wantError(t, "in another folder", up("/home/me/My Shop", false),
		`the stack "shop" was started in /home/me/blog, and this is /home/me/My Shop: if this is another project, name its stack with --name my-shop; if it is the same, with --name shop`)
	wantError(t, "in another folder of the same name", up("/srv/shop", false), `name its stack with --name srv-shop; if it is the same, with --name shop`)
	if err := up("/home/me/shop", true); err != nil {
		t.Errorf("one without data: %v", err)
	}
	w = newWorld(t)
	if _, err := w.Begin(BeginRequest{From: "/home/me/shop"}); err != nil {
		t.Fatal(err)
	}
	if err := up("/srv/shop", false); err != nil {
		t.Errorf("after an up elsewhere that has started nothing: %v", err)
	}
	wantError(t, "after one that has", up("/home/me/shop", false), `the stack "shop" was started in /srv/shop`)
}

// Two projects that --project-path names, in calls from one folder, have one name: the second does not get the first one's data.
func TestBeginRefusesAnotherNamedProject(t *testing.T) {
	for _, c := range []struct {
		last, of state.Identity
		want     string // "": it is let in
	}{
		{nil, state.Identity{"blog"}, ""},
		{state.Identity{"shop"}, nil, ""},
		{state.Identity{"shop", "web"}, state.Identity{"web"}, ""},
		{state.Identity{"shop", "web"}, state.Identity{"blog"}, `the stack "shop" is that of the project shop and web, and this is blog: `},
		{state.Identity{"web"}, state.Identity{"blog"}, `Name the stack of this project with --name blog, in each call; if it is the same project under another name, with --name shop`},
		{state.Identity{"web"}, state.Identity{"shop"}, `Name the stack of this project with --name shop-2, in each call`},
	} {
		w := newWorld(t)
		for i, of := range []state.Identity{c.last, c.of} {
			_, err := w.Begin(BeginRequest{From: "/home/me/work", Of: of})
			if c.want != "" && i == 1 {
				wantError(t, c.of.String()+" after "+c.last.String(), err, c.want)
			} else if err != nil {
				t.Errorf("%v after %v: %v", c.of, c.last, err)
			}
			w.consists(Parts{Services: []string{"redis"}})
		}
		if _, err := w.Begin(BeginRequest{Of: c.of}); err != nil {
			t.Errorf("named: %v", err)
		}
	}
}

// A stack had the name default before stacks were called after their folders: its data is not forgotten.
func TestDataOfDefault(t *testing.T) {
	const note = `There is data of a stack "default": if it is this project's, give --name default, in each call`
	for _, c := range []struct {
		name, from, defaultFrom string
		without, want           bool // there is no such stack; the note is there
	}{
		{name: "shop", from: "/home/me/shop", defaultFrom: "/home/me/shop", want: true},
		{name: "shop", from: "/home/me/shop", want: true},
		{name: "shop", from: "/home/me/shop", defaultFrom: "/home/me/blog"},
		{name: "shop", from: "/home/me/shop", without: true},
		{name: "shop", defaultFrom: "/home/me/shop"}, // the stack was named
		{name: "default", from: "/home/me/default"},
	} {
		other := state.At(t.TempDir())
		if !c.without {
			if err := other.WriteRun(state.Run{Stack: "default", From: c.defaultFrom}); err != nil {
				t.Fatal(err)
			}
		}
		if said := (Client{Name: c.name}).WithoutData(other, c.from); strings.Contains(said, note) != c.want {
			t.Errorf("%+v: %s", c, said)
		}
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

func TestRequestsOfAStackThatDoesNotRun(t *testing.T) {
	w := newWorld(t)
	w.run("redis", "backend")
	w.agent(healthy("redis"))()
	restart := func(r RestartRequest) error { return w.Restart(t.Context(), r, untold) }
	wantError(t, "restart", restart(RestartRequest{Service: "redis", Timeout: "1s"}), `stack "shop" is not running (last seen`)
	wantError(t, "stop", w.Stop(t.Context(), untold), `stack "shop" is not running (last seen`)
	wantError(t, "backup", w.Backup(t.Context(), filepath.Join(t.TempDir(), "x"), nil), `stack "shop" is not running (last seen`)
	w.agent(healthy("redis"))
	wantError(t, "one that does not run", restart(RestartRequest{Service: "backend", Timeout: "1s"}), `service "backend" does not run, though others of the stack do`)
	wantError(t, "no name", restart(RestartRequest{Timeout: "1s"}), "which service? Name it with --service")
	for _, timeout := range []string{"", "soon", "0s", "-1s"} {
		wantError(t, "timeout "+timeout, restart(RestartRequest{Service: "redis", Timeout: timeout}), "want a duration such as 60s")
	}
	// Its agent is there and does not answer.
	wantError(t, "no answer", restart(RestartRequest{Service: "redis", Timeout: "20ms"}), "redis did not come back: no answer within 20ms")
}

func TestStatsRefuses(t *testing.T) {
	c := Client{Name: "x", State: state.At(t.TempDir())}
	for want, r := range map[string]StatsRequest{
		`format "xml": want text or json`: {Format: "xml"},
		`never ran on this engine`:        {},
	} {
		if err := c.Stats(t.Context(), r, func(Report) error { return nil }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	little := 0.0
	for want, r := range map[string]LimitsRequest{
		`which service? Name it with --service`:                              {},
		`no limit is given: want one or more of --cpus, --memory and --pids`: {Service: "redis"},
		`cpus 0: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2`:          {Service: "redis", CPUs: &little},
	} {
		if _, err := c.SetLimits(t.Context(), r); err == nil || err.Error() != want {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// TestLeftOut: the health of all says which services the stack lacks, that of one does not.
func TestLeftOut(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.consists(Parts{Services: []string{"web"}, LeftOut: []string{"traefik: the Docker socket"}})
	defer w.agent(healthy("web"))()
	for name, want := range map[string]int{"": 1, "web": 0} {
		if report, err := w.Report(name); err != nil || len(report.LeftOut) != want {
			t.Errorf("health of %q: %+v, %v", name, report, err)
		}
	}
}
