package project

import (
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// migrated is a step: what --migrate says of a project whose migrations were found.
func migrated(flag string, found Migration, without ...string) step {
	return func(p Project) (Project, error) {
		p.Migration = found
		return p.Migrate(flag, without)
	}
}

func found() Migration {
	return Migration{Of: "backend", Tool: "Alembic", Why: "alembic.ini", Command: []string{"alembic", "upgrade"}, Workdir: "/app/db", Reads: []string{"db/**"}}
}

// What was found is a job before all that is made of the same code; what somebody adds before the job stays before it.
func TestMigrate(t *testing.T) {
	t.Parallel()
	prepare := with(job(), func(c *Custom) { c.Name, c.NeededBy = "prepare", []string{"migrate"} })
	p := resolved(t, migrated("auto", found()), add(twin()), add(job()), add(prepare))
	same(t, "order", order(p), "postgres redis prepare(postgres redis) migrate(postgres redis prepare) seed(postgres redis migrate) "+
		"backend(postgres redis migrate seed) twin(postgres redis migrate)")
	s := service(t, p, "migrate")
	same(t, "kind", s.Kind, "migrations (Alembic)")
	same(t, "mode", s.Mode, spec.ModeJob)
	same(t, "command", s.Process.Command, []string{"alembic", "upgrade"})
	same(t, "folder", s.Process.Workdir, "/app/db")
	same(t, "reads", s.Reads, []string{"db/**"})
	same(t, "once", s.Once, &spec.Once{})
	same(t, "note", p.Notes, []string{`migrations of Alembic (alembic.ini) are run before the backend, by "alembic upgrade"`})

	only, err := after(t, shop(), migrated("auto", found()), only("backend"), resolve())
	refused(t, err, "")
	same(t, "the backend alone", order(only), "postgres redis migrate(postgres redis) backend(postgres redis migrate)")

	// Of an image nobody knows the folder before it is read.
	p = resolved(t, migrated("auto", but(found(), func(m *Migration) { m.Workdir, m.Files = "db", []string{"alembic.ini"} })))
	same(t, "folder below", service(t, p, "migrate").Process.Workdir, "/app/db")
	same(t, "files", service(t, p, "migrate").Once, &spec.Once{Files: []string{"alembic.ini"}})

	// A tool that the service's image has not got: the image is the tool's, and its user no user of the service's image.
	p = resolved(t, change(func(p *Project) { p.Services[2].Process.User = "node" }), migrated("auto", but(found(), func(m *Migration) {
		m.Build, m.Env = &spec.Build{Image: "tool", Dir: "sql"}, []spec.Variable{spec.Env("PGSSLMODE", "disable")}
	})))
	s = service(t, p, "migrate")
	same(t, "built", []string{s.Build.Image, s.Build.Dir, s.Like, s.Process.User}, []string{"tool", "sql", "", AppUser})
	same(t, "no source", s.Source, (*spec.Source)(nil))
	if i := slices.IndexFunc(s.Process.Env, func(v spec.Variable) bool { return v.Name == "PGSSLMODE" }); i < 0 {
		t.Errorf("variables %v", s.Process.Env)
	}

	// A command of the user's: nobody knows what it reads.
	p = resolved(t, migrated("alembic upgrade head", Migration{Of: "backend"}))
	s = service(t, p, "migrate")
	same(t, "command", s.Process.Command, []string{"alembic", "upgrade", "head"})
	same(t, "repeated", s.Once, (*spec.Once)(nil))
}

func but(m Migration, change func(*Migration)) Migration { change(&m); return m }

func TestMigrateThatIsNone(t *testing.T) {
	t.Parallel()
	taken := change(func(p *Project) { p.Services[1].Name, p.Source = "migrate", "compose.yaml" })
	for _, c := range []struct {
		name  string
		steps []step
		note  string // "": none
	}{
		{"none", []step{migrated("none", found())}, ""},
		{"nothing found", []step{migrated("auto", Migration{Of: "backend"})}, ""},
		{"no code", []step{migrated("auto", Migration{})}, ""},
		{"cannot be run", []step{migrated("auto", but(found(), func(m *Migration) { m.Missing = "no driver" }))}, "migrations of Alembic (alembic.ini) are not run: no driver"},
		{"no database", []step{migrated("auto", found(), "postgres"), remove("postgres")}, "migrations of Alembic (alembic.ini) are not run: the stack has no database for them"},
		{"taken", []step{taken, migrated("auto", found())}, "migrations of Alembic (alembic.ini) are not run: compose.yaml has a service migrate"},
	} {
		p, err := after(t, shop(), c.steps...)
		refused(t, err, "")
		if slices.ContainsFunc(p.customs, func(c Custom) bool { return c.Name == "migrate" }) {
			t.Errorf("%s: there is a job", c.name)
		}
		same(t, c.name, strings.Join(p.Notes, "; "), c.note)
	}
	_, err := after(t, shop(), taken, migrated("x", found()))
	refused(t, err, `--migrate "x": compose.yaml has a service migrate already`)
	_, err = after(t, shop(), change(func(p *Project) { p.Source = "compose.yaml" }), migrated("x", Migration{}))
	refused(t, err, `--migrate "x": the stack of compose.yaml has no backend that was detected: say there what runs before its services, or add a job with with-job --like SERVICE --before SERVICE`)
}

func TestCheckMigrate(t *testing.T) {
	t.Parallel()
	const want = `: want auto, none or a command such as "alembic upgrade head" for --migrate`
	for flag, problem := range map[string]string{"auto": "", "none": "", "alembic upgrade head": "", "": `"": it is empty` + want} {
		refused(t, CheckMigrate(flag), problem)
	}
	for _, flag := range []string{`sh -c "x`, "  "} {
		if err := CheckMigrate(flag); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v", flag, err)
		}
	}
}
