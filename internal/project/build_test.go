package project

import (
	"fmt"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// A secret of a build is for services that are built from their source, as detection finds them.
func TestCheckBuildSecret(t *testing.T) {
	t.Parallel()
	of := func(steps ...step) Project {
		p, err := after(t, shop(), steps...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	source := change(func(p *Project) { p.Services[2].Build.Target = "/app" })
	if err := of(source).CheckBuildSecret("backend", "NPM_TOKEN"); err != nil {
		t.Error(err)
	}
	for want, row := range map[string]struct {
		p       Project
		service string
	}{
		"service backend: it is built from a Dockerfile, which gets no NPM_TOKEN": {of(source, change(dockerfile)), "backend"},
		"service backend: its compose file says which secrets its build has":      {of(change(func(p *Project) { p.Services[2].Described = true })), "backend"},
		"service postgres: it is not built from the project":                      {of(), "postgres"},
		`service "web" is not part of the stack`:                                  {of(), "web"},
	} {
		if err := row.p.CheckBuildSecret(row.service, "NPM_TOKEN"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What is said of a build changes that of a compose file; of a detected one detection has it already.
func TestBuildFlags(t *testing.T) {
	t.Parallel()
	p, err := after(t, shop(), change(func(p *Project) {
		p.Services[2].Build.Docker = &spec.DockerBuild{Context: "backend", Target: "prod", Args: []spec.BuildVariable{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	flags, err := ParseBuild("backend", "dev", []string{"A=3=4", "C="})
	if err != nil {
		t.Fatal(err)
	}
	was := *p.Services[2].Build.Docker
	changed := p
	for _, flag := range flags {
		if changed, err = changed.Build(flag); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "the build", fmt.Sprint(*changed.Services[2].Build.Docker), fmt.Sprint(spec.DockerBuild{Context: "backend", Target: "dev",
		Args: []spec.BuildVariable{{Name: "B", Value: "2"}, {Name: "A", Value: "3=4"}, {Name: "C"}}}))
	same(t, "the build before", fmt.Sprint(*p.Services[2].Build.Docker), fmt.Sprint(was))
	for want, flags := range map[string]BuildFlag{
		"service postgres: it is not built from a Dockerfile": {Service: "postgres", Value: "dev"},
		`service "web" is not part of the stack`:              {Service: "web", Value: "dev"},
	} {
		if _, err := p.Build(flags); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for want, args := range map[string][]string{"nothing is said of the build": nil, `arg "A": want NAME=VALUE`: {"A"}, `arg "1A=x": want NAME=VALUE`: {"1A=x"}} {
		if _, err := ParseBuild("backend", "", args); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What says where another service is, is known to a build, too: a frontend's bundle has the backend's address in it.
func TestBuildKnowsWhereOthersAre(t *testing.T) {
	t.Parallel()
	backend := spec.Service{Name: "backend", Ports: []spec.Port{{Container: 8000, Published: 8000}}, Exports: []spec.Variable{spec.Env("BACKEND_URL", "http://backend:8000")}}
	web := spec.Service{Name: "frontend", DependsOn: []spec.Dependency{{Service: "backend"}}}
	web.Build = spec.Build{Dockerfile: "frontend/Dockerfile", Declares: []string{"VITE_API_BASE_URL", "BACKEND_URL", "NONE"}}
	web.Process.Env = []spec.Variable{
		{Name: "VITE_API_BASE_URL", Value: spec.Value{spec.Text("http://"), {Published: "backend"}}},
		{Name: "NONE", Value: spec.Value{spec.Text("http://"), {Published: "other"}}},
	}
	p := Project{Name: "shop", Services: []spec.Service{backend, web}}
	p, err := p.Override(Override{Service: "backend", Port: 8000, Publish: 8010})
	if err != nil {
		t.Fatal(err)
	}
	want := []spec.BuildVariable{{Name: "BACKEND_URL", Value: "http://backend:8000"}, {Name: "VITE_API_BASE_URL", Value: "http://localhost:8010"}}
	same(t, "the arguments", fmt.Sprint(p.Sourced("frontend").BuildArgs()), fmt.Sprint(want))
	p.Services[0].Build.Dockerfile = "backend/Dockerfile" // whose image says its port
	same(t, "the arguments", fmt.Sprint(p.Sourced("frontend").BuildArgs()), fmt.Sprint(want[1:]))
}

// ARGs that have no value of their own get those of the service's variables, secrets apart.
func TestBuildArgs(t *testing.T) {
	t.Parallel()
	s := spec.Service{Build: spec.Build{Declares: []string{"VITE_A", "B", "TOKEN"}, Args: []spec.BuildVariable{{Name: "B", Value: "given"}}}}
	s.Process.Env = []spec.Variable{spec.Env("VITE_A", "a=b"), spec.Env("B", "of the service"), spec.Env("OTHER", "x"), {Name: "TOKEN", Value: spec.Value{spec.SecretPart("t", spec.Plain)}}}
	same(t, "the arguments", fmt.Sprint(s.BuildArgs()), fmt.Sprint([]spec.BuildVariable{{Name: "B", Value: "given"}, {Name: "VITE_A", Value: "a=b"}}))
}
