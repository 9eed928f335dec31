package node

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/scan"
)

// drivers are the packages by which a program in JavaScript talks to postgres. Prisma brings its own.
var drivers = []string{"pg", "postgres", "pg-promise", "slonik", "@neondatabase/serverless", "@vercel/postgres"}

// migrator is a tool that brings a database up to date.
type migrator struct {
	name    string
	pkg     string   // that brings its program
	config  []string // its files, of which one is there
	verb    string   // what a script says that runs it
	command []string // that runs it; nil: only a script of the project's can say how
}

var migrators = []migrator{
	{"Prisma", "prisma", nil, "prisma migrate deploy", []string{"prisma", "migrate", "deploy"}},
	{"Drizzle", "drizzle-kit", []string{"drizzle.config.ts", "drizzle.config.js", "drizzle.config.mjs", "drizzle.config.json"}, "drizzle-kit migrate", []string{"drizzle-kit", "migrate"}},
	{"Knex", "knex", []string{"knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs"}, "migrate:latest", []string{"knex", "migrate:latest"}},
	{"TypeORM", "typeorm", []string{"package.json"}, "migration:run", nil},
	{"Sequelize", "sequelize-cli", []string{".sequelizerc", "config/config.json", "config/config.js"}, "db:migrate", []string{"sequelize-cli", "db:migrate"}},
}

// migrates is how the service's database is brought up to date: by what its own folder has for that, or a member of the workspace that the
// service is made of, as in packages/db.
func (l look) migrates() project.Migration {
	if found := l.migration(); found.Tool != "" {
		return found
	}
	for _, part := range l.members {
		of := l
		of.Scan, of.pkg = &scan.Scan{Folder: l.shared.Sub(part.dir), Root: l.Root, Role: l.Role}, part.pkg
		found := of.migration()
		if found.Tool == "" {
			continue
		}
		if at, err := filepath.Rel(l.Dir, path.Join(of.Dir, found.Workdir)); err == nil { // both are below the project's root
			found.Workdir = filepath.ToSlash(at)
			return found
		}
	}
	return project.Migration{}
}

// migration is how the service's database is brought up to date: by a tool that is known by its files, or by a script.
func (l look) migration() (found project.Migration) {
	for _, m := range migrators {
		if m.name == "Prisma" {
			m.config = append(l.pkg.schemas(), "prisma.config.ts")
		}
		config := l.First(m.config...)
		if !l.pkg.depends(m.pkg) || config == "" {
			continue
		}
		folder := l.migrations(m)
		if folder == "" {
			continue
		}
		found = project.Migration{Tool: m.name, Why: l.Path(folder), Workdir: ".", Reads: []string{l.pkg.path, l.Path(folder + "/**")}}
		if m.command != nil {
			found.Command = l.manager.exec(m.command...)
			found.Files = []string{config, "node_modules/.bin/" + m.command[0]}
			found.Reads = append(found.Reads, l.Path(config))
		}
		if script := l.scriptThat(m.verb); script != "" && (m.command == nil || m.name == "Knex" || m.name == "Sequelize") {
			found.Command = l.manager.run(script)
		} else if m.command == nil {
			l.byDataSource(&found)
		}
		switch {
		case found.Command == nil:
			found.Missing = l.pkg.path + " has no script that runs typeorm migration:run, and no data-source.ts beside ts-node was found"
		case !l.usesPostgres(m, config):
			found.Missing = l.pkg.path + " names no driver of postgres, such as pg, or " + config + " another database"
		}
		return found
	}
	if name := l.migrateScript(); name != "" && slices.ContainsFunc(drivers, l.pkg.depends) {
		// What it reads nobody knows, so it is run by every up.
		return project.Migration{
			Tool: "the script " + name, Why: l.pkg.path, Workdir: ".", Command: l.manager.run(name), Files: []string{"package.json", "node_modules"},
		}
	}
	return found
}

var outFolder = lazyregexp.New(`\bout['"]?\s*:\s*['"](?:\./)?([\w./-]+)['"]`)

// migrations is the folder of a tool's migrations, "" if there is none, or nothing in it.
func (l look) migrations(m migrator) string {
	folders := []string{"migrations", "db/migrations", "database/migrations", "src/migrations", "src/db/migrations", "src/database/migrations"}
	switch m.name {
	case "Prisma":
		folders = []string{path.Join(path.Dir(l.First(m.config...)), "migrations"), "prisma/migrations"}
	case "Drizzle":
		folders = []string{"drizzle"}
		for _, config := range m.config {
			if match := outFolder.FindStringSubmatch(l.Read(config)); match != nil {
				folders = []string{path.Clean(match[1])}
			}
		}
	}
	for _, folder := range folders {
		if !l.HasDir(folder) {
			continue
		}
		if list := l.Sub(folder).List(); len(list.Files)+len(list.Dirs) > 0 {
			return folder
		}
	}
	return ""
}

var (
	anyProvider = lazyregexp.New(`(?m)^\s*provider\s*=\s*"(postgresql|postgres|mysql|sqlite|sqlserver|mongodb|cockroachdb)"`)
	anyDialect  = lazyregexp.New(`\bdialect['"]?\s*:\s*['"](\w+)['"]`)
)

// usesPostgres says whether a tool's database is postgres: what the tool's own file says counts for more than the drivers.
func (l look) usesPostgres(m migrator, config string) bool {
	said := ""
	switch m.name {
	case "Prisma":
		if match := anyProvider.FindStringSubmatch(l.Read(l.First(append(l.pkg.schemas(), "prisma/schema/schema.prisma")...))); match != nil {
			said = match[1]
		}
	case "Drizzle":
		if match := anyDialect.FindStringSubmatch(l.Read(config)); match != nil {
			said = match[1]
		}
	}
	return strings.HasPrefix(said, "postgres") || said == "" && slices.ContainsFunc(drivers, l.pkg.depends)
}

// scriptThat is the first script that runs a tool, "" if none does.
func (l look) scriptThat(verb string) string {
	for _, name := range slices.Sorted(maps.Keys(l.pkg.scripts)) {
		if line := l.pkg.scripts[name]; strings.Contains(line, verb) && !l.isStart(name) && !unlike.MatchString(line) {
			return name
		}
	}
	return ""
}

// isStart says whether a script starts the service, whatever else it does before.
func (l look) isStart(name string) bool {
	return slices.Contains(startScripts, strings.TrimPrefix(strings.TrimPrefix(name, "pre"), "post")) || strings.HasPrefix(name, "start") || strings.HasPrefix(name, "dev")
}

// unlike matches what a script does that does more to a database, or to the project, than to bring it up to date.
var unlike = lazyregexp.New(`\b(?:migrate dev|create|make|generate|reset|drop|docker|down|rollback|undo|revert)\b`)

// migrateScript is a script that is called as one that migrates, "" if there is none.
func (l look) migrateScript() string {
	for _, name := range []string{"migrate:deploy", "db:migrate:deploy", "migrate", "db:migrate", "migrate:up", "migration:run", "migrations:run"} {
		if line := l.pkg.scripts[name]; line != "" && !unlike.MatchString(line) {
			return name
		}
	}
	return ""
}
