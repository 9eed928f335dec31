package project

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// shop is a stack as a source describes it: two databases and a backend; a frontend is possible, and there is none.
func shop() Project {
	secret := func(name string) spec.Value { return spec.Value{spec.SecretPart(name, spec.Plain)} }
	published := func(service string) spec.Value { return spec.Value{spec.Text("http://"), {Published: service}} }
	return Project{
		Name: "shop", Absent: []string{"frontend"}, APIPort: 7777,
		Services: []spec.Service{
			{
				Name: "postgres", Kind: "postgres:15", Build: spec.Build{Image: "postgres:15"}, Backup: &spec.Backup{},
				Exports: []spec.Variable{spec.Env("DATABASE_URL", "postgres:5432")},
				Ports:   []spec.Port{{Container: 5432, Published: 5432}},
				Data:    []spec.DataDir{{Path: "/pgdata", Name: "postgres"}},
				Login:   &spec.Login{Kind: spec.PostgresLogin},
				Process: spec.Process{Command: []string{"postgres"}, User: "postgres"},
			},
			{
				Name: "redis", Kind: "redis:7", Build: spec.Build{Image: "redis:7"}, Backup: &spec.Backup{},
				Exports: []spec.Variable{spec.Env("REDIS_URL", "redis:6379")},
				Ports:   []spec.Port{{Container: 6379, Published: 6379}},
				Process: spec.Process{Command: []string{"redis"}, User: "redis"},
			},
			{
				Name: "backend", Kind: "Flask", Build: spec.Build{Image: "python:3", Dir: "."},
				Exports:   []spec.Variable{spec.Env("BACKEND_URL", "http://backend:9000")},
				Ports:     []spec.Port{{Container: 9000, Published: 8000}},
				DependsOn: []spec.Dependency{{Service: "postgres", Optional: true}, {Service: "redis", Optional: true}},
				Probe:     &spec.Probe{HTTP: &spec.HTTPGet{Port: 9000, Paths: []string{"/health", "/"}, Guessed: true}},
				Source:    &spec.Source{Dir: ".", Path: "/app"},
				Limits:    CodeLimits,
				Process: spec.Process{
					Command: []string{"serve"}, User: "app", Workdir: "/app",
					Env: []spec.Variable{
						spec.Env("PORT", "9000"), spec.Env("MODE", "web"), {Name: "SECRET_KEY", Value: secret("key")},
						{Name: "BACKEND_URL", Value: published("backend")}, {Name: "FRONTEND_URL", Value: published("frontend")},
					},
				},
			},
		},
	}
}

// worker is a custom service with a container of its own.
func worker() Custom {
	return Custom{Name: "worker", Contained: true, Command: []string{"work"}}
}

// twin is a custom service that is made like the backend.
func twin() Custom { return Custom{Name: "twin", Like: "backend", Command: []string{"work"}} }

// with is a custom service after a change.
func with(c Custom, change func(*Custom)) Custom {
	change(&c)
	return c
}

// step is one thing that a user does to a project.
type step func(Project) (Project, error)

func add(c Custom) step        { return func(p Project) (Project, error) { return p.Add(c) } }
func remove(name string) step  { return func(p Project) (Project, error) { return p.Remove(name) } }
func override(o Override) step { return func(p Project) (Project, error) { return p.Override(o) } }
func only(name string) step    { return func(p Project) (Project, error) { return p.Only(name) } }
func resolve() step            { return Project.Resolve }
func check(name string) step   { return func(p Project) (Project, error) { return p, p.Check(name) } }
func change(f func(*Project)) step {
	return func(p Project) (Project, error) { f(&p); return p, nil }
}
func read(name string, image Image) step {
	return func(p Project) (Project, error) { return p.Read(name, image) }
}

// after is a project after all steps, and the error of the last one.
func after(t *testing.T, p Project, steps ...step) (Project, error) {
	t.Helper()
	var err error
	for i, step := range steps {
		if p, err = step(p); err != nil && i < len(steps)-1 {
			t.Fatalf("step %d of %d: %v", i+1, len(steps), err)
		}
	}
	return p, err
}

// resolved is the shop after all steps, resolved.
func resolved(t *testing.T, steps ...step) Project {
	t.Helper()
	p, err := after(t, shop(), append(steps, resolve())...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// service is one of a project, which must have the service.
func service(t *testing.T, p Project, name string) spec.Service {
	t.Helper()
	s, found := p.Service(name)
	if !found {
		t.Fatalf("no %s among %v", name, p.Names())
	}
	return s
}

// environment is what a service has in its environment, as text; a secret is its name in angle brackets.
func environment(s spec.Service) map[string]string {
	env := map[string]string{}
	for _, v := range s.Process.Env {
		if _, twice := env[v.Name]; twice {
			panic(v.Name + " twice")
		}
		for _, part := range v.Value {
			if part.Secret != nil {
				part.Text = "<" + part.Secret.Name + ">"
			}
			env[v.Name] += part.Text
		}
	}
	return env
}

// order is how a resolved project starts: each service with those it needs, as "backend(postgres redis)".
func order(p Project) string {
	var services []string
	for _, s := range p.Services {
		name := s.Name
		if needs := s.Needs(); len(needs) > 0 {
			name += "(" + strings.Join(needs, " ") + ")"
		}
		services = append(services, name)
	}
	return strings.Join(services, " ")
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// refused checks an error's whole text; want is empty where there must be none.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("the error is\n%s\nand not\n%s", fmt.Sprintf("%q", got), fmt.Sprintf("%q", want))
	}
}
