package project

import (
	"strings"
	"testing"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// The names of a postgres' database and user are said at one place, or refused at once.
func TestSettledVariables(t *testing.T) {
	t.Parallel()
	postgres := recipe.Postgres("postgres", "postgres:15")
	db, _ := recipe.Complete(spec.Service{
		Name: "db", Described: true, Build: spec.Build{Image: "postgres:15"}, Process: spec.Process{Env: []spec.Variable{spec.Env("POSTGRES_PASSWORD", "pw")}},
	})
	p := Project{Name: "shop", Services: []spec.Service{postgres, db}}
	for _, row := range []struct{ service, name, want string }{
		{"postgres", "POSTGRES_DB", "variable POSTGRES_DB cannot be changed here: by it the stack logs in, makes backups and tells the other services: the user is postgres, the database app, and --db-password"},
		{"postgres", "POSTGRES_USER", "cannot be changed"},
		{"postgres", "PGDATA", "cannot be changed"},
		{"db", "POSTGRES_DB", "change the compose file, or give the values of its ${VARIABLES} with --env"},
		{"postgres", "POSTGRES_INITDB_ARGS", ""},
		{"", "POSTGRES_DB", ""},
	} {
		changed, err := p.Override(Override{Service: row.service, Env: []spec.Variable{spec.Env(row.name, "other")}})
		if row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s of %q: %v, want %q", row.name, row.service, err, row.want)
		}
		if row.want != "" {
			continue
		}
		if err != nil {
			t.Errorf("%s of %q: %v", row.name, row.service, err)
		}
		s := changed.overridden(postgres)
		if got := environment(s)[row.name]; (got == "other") == settled(s, row.name) {
			t.Errorf("%s of %q is %v", row.name, row.service, got)
		}
	}
}
