package project

import (
	"fmt"
	"testing"

	"dagger/stack/internal/spec"
)

// fromFile is a service of a compose file.
func fromFile(entrypoint, args []string) spec.Service {
	return spec.Service{Name: "web", Mode: spec.ModeContainer, Build: spec.Build{Image: "a"},
		Process: spec.Process{Entrypoint: entrypoint, Args: args, Root: true}, Described: true}
}

// TestDescribedCommand: what becomes of an image's ENTRYPOINT and CMD, as docker compose 5.6 was seen to do it.
func TestDescribedCommand(t *testing.T) {
	t.Parallel()
	image := Image{Entrypoint: []string{"entry"}, Cmd: []string{"cmd"}}
	for _, row := range []struct {
		entrypoint, args []string
		want             string
	}{
		{nil, nil, "[entry cmd]"},
		{nil, []string{"a", "b"}, "[entry a b]"},
		{nil, []string{}, "[entry cmd]"},
		{[]string{"own"}, nil, "[own]"},
		{[]string{"own"}, []string{"a"}, "[own a]"},
		{[]string{}, nil, "[cmd]"},
		{[]string{}, []string{"a"}, "[a]"},
	} {
		p, err := Project{Services: []spec.Service{fromFile(row.entrypoint, row.args)}}.Read("web", image)
		if err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(p.Services[0].Process.Command); got != row.want {
			t.Errorf("%v %v: %s, want %s", row.entrypoint, row.args, got, row.want)
		}
	}
	_, err := Project{Services: []spec.Service{fromFile([]string{}, nil)}}.Read("web", Image{Entrypoint: []string{"entry"}})
	if want := "web: its image has neither an ENTRYPOINT nor a CMD: say what to run with command: in the compose file"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestDescribedImage: what the file does not say is as the image says.
func TestDescribedImage(t *testing.T) {
	t.Parallel()
	check := &spec.Probe{Exec: []string{"check"}, Interval: 1}
	image := Image{Cmd: []string{"run"}, Workdir: "/w", User: "app:staff", StopSignal: "SIGQUIT", Volumes: []string{"/data/", "/own"}, Healthcheck: check}
	file := fromFile(nil, nil)
	file.Container.Mounts = []spec.Mount{{Type: spec.MountBind, Source: "x", Target: "/own"}}
	got := image.describe(file)
	if p := got.Process; p.User != "app:staff" || p.Root || p.StopSignal != "SIGQUIT" {
		t.Errorf("%+v", p)
	}
	if m := got.Container.Mounts; len(m) != 2 || m[1].Source != "web-data" || m[1].Target != "/data" || m[1].Type != spec.MountVolume {
		t.Errorf("%+v", m)
	}
	if got.Probe != check {
		t.Errorf("%+v", got.Probe)
	}
	derived := Image{Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"postgres"}, Env: []spec.Variable{spec.Env("POSTGRES_PASSWORD", "pw")}}
	if got := derived.describe(fromFile(nil, nil)); got.Probe == nil || got.Backup == nil || len(got.Process.Env) != 0 {
		t.Errorf("an image that is made from postgres: %+v", got)
	}
	if p := (Image{Cmd: []string{"run"}}).describe(fromFile(nil, nil)).Process; p.User != "0" || !p.Root {
		t.Errorf("an image that names no user is root's: %+v", p)
	}
	file.Process.User, file.Process.Root, file.Process.StopSignal = "1000", false, "SIGHUP"
	if p := image.describe(file).Process; p.User != "1000" || p.Root || p.StopSignal != "SIGHUP" {
		t.Errorf("%+v", p)
	}
	file.NoProbe = true
	if got := image.describe(file); got.Probe != nil {
		t.Error("the file says that nobody asks")
	}
	file.NoProbe, file.Probe = false, &spec.Probe{Interval: 7}
	if got := image.describe(file); got.Probe.Interval != 7 || fmt.Sprint(got.Probe.Exec) != "[check]" || file.Probe.Exec != nil {
		t.Errorf("%+v", got.Probe)
	}
	if got := (Image{}).describe(file); got.Probe != nil {
		t.Errorf("there is nothing to ask: %+v", got.Probe)
	}
}

// TestDescribedSettles: a service whose port is published and that nobody asks is not healthy before it listens.
func TestDescribedSettles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		port    int
		probe   *spec.Probe
		off     bool
		settles bool
	}{
		"published":        {port: 8000, settles: true},
		"not published":    {},
		"with a probe":     {port: 8000, probe: &spec.Probe{Exec: []string{"check"}}},
		"that nobody asks": {port: 8000, off: true},
	} {
		file := fromFile(nil, nil)
		file.Ports, file.Probe, file.NoProbe = []spec.Port{{Container: 80, Published: c.port}}, c.probe, c.off
		if got := (Image{Cmd: []string{"run"}}).describe(file); (got.Settle > 0) != c.settles {
			t.Errorf("%s: settle %v", name, got.Settle)
		}
	}
}

func TestCheckServiceName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"web", "Web.App_1", "1a", "a-b", "_under"} {
		if err := CheckServiceName(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", "..", "-a", ".a", "a/b", "a b", "hosts", "secrets", "localhost"} {
		if CheckServiceName(name) == nil {
			t.Errorf("%q is allowed", name)
		}
	}
}

// TestInstancesPublish: the instances of a service have their port together, and no other service has it.
func TestInstancesPublish(t *testing.T) {
	t.Parallel()
	service := func(name, of string) spec.Service {
		s := fromFile(nil, nil)
		s.Name, s.InstanceOf, s.Ports = name, of, []spec.Port{{Container: 80, Published: 8080}}
		return s
	}
	if err := (Project{Services: []spec.Service{service("web-1", "web"), service("web-2", "web")}}).checkPorts(); err != nil {
		t.Error(err)
	}
	if err := (Project{Services: []spec.Service{service("web-1", "web"), service("api", "")}}).checkPorts(); err == nil {
		t.Error("two services have one port")
	}
}

// TestInstancesOverride: what is said of a service of several instances is said of each, and what is said of one of that one.
func TestInstancesOverride(t *testing.T) {
	t.Parallel()
	first, second := fromFile(nil, nil), fromFile(nil, nil)
	first.Name, first.InstanceOf, second.Name, second.InstanceOf = "web-1", "web", "web-2", "web"
	p := Project{Services: []spec.Service{first, second}}
	for _, o := range []Override{
		{Service: "web", Env: []spec.Variable{spec.Env("A", "all")}},
		{Service: "web-2", Env: []spec.Variable{spec.Env("B", "one")}},
	} {
		var err error
		if p, err = p.Override(o); err != nil {
			t.Fatal(err)
		}
	}
	p, err := p.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(len(p.Services[0].Process.Env), len(p.Services[1].Process.Env)); got != "1 2" {
		t.Errorf("variables %s, want 1 2", got)
	}
	if _, err := p.Override(Override{Service: "api"}); err == nil {
		t.Error("no service is called so")
	}
}
