package detect

import (
	"fmt"
	"slices"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// The project's own code finds the services of a compose file where their ports are published on a developer's machine.
func TestBesideAtLocalhost(t *testing.T) {
	t.Parallel()
	database := spec.Service{Name: "db", Described: true, Ports: []spec.Port{{Container: 3306, Published: 3307}, {Container: 33060}}}
	cache := spec.Service{Name: "cache", Described: true, Ports: []spec.Port{{Container: 6379, Published: 8000}}}
	p := project.Project{Name: "shop", Services: []spec.Service{database, cache}}
	code := site(scripts("dev", "vite", "vite"), files{"backend/requirements.txt": "fastapi\nuvicorn\n", "backend/main.py": "from fastapi import FastAPI\napp = FastAPI()\n"})
	p, err := Join(code.fs(), p, Flags{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]spec.Local{
		"backend":  {{Port: 3307, Service: "db", To: 3306}}, // it listens at 8000 itself
		"frontend": {{Port: 3307, Service: "db", To: 3306}, {Port: 8000, Service: "cache", To: 6379}},
		"db":       nil,
	} {
		if s, _ := p.Service(name); fmt.Sprint(s.Local) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, s.Local, want)
		}
	}
	if want := "the project's own code finds db at localhost:3307 and cache at localhost:8000, as on a machine where these ports are published"; !slices.Contains(p.Notes, want) {
		t.Errorf("no note %q in %q", want, p.Notes)
	}
}
