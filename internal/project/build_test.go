package project

import (
	"strings"
	"testing"
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
