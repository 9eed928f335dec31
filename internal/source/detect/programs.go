package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/golang"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// program is a tool that is a program of its own, which no image of a language has. One in Go is compiled.
type program struct {
	name    string
	config  []string           // its files
	file    *lazyregexp.Regexp // what its migrations are called
	content string             // what is in them

	module, main string // of Go; "": it is no program in Go, or none that can be compiled
	version      string // where go.mod names none: as of November 2026
	tags         string // which leave out the drivers of other databases
	args         string
}

// address is that of the database for a tool in Go: SQLAlchemy's word for its driver, which the backend's DATABASE_URL may have, is left out.
const address = `"postgres://${DATABASE_URL#*://}"`

var tools = []program{
	{
		name: "goose", file: lazyregexp.New(`^\d+_.+\.sql$`), content: "+goose Up",
		module: "github.com/pressly/goose/v3", main: "/cmd/goose", version: "v3.26.0",
		tags: "no_clickhouse,no_duckdb,no_libsql,no_mssql,no_mysql,no_sqlite3,no_starrocks,no_turso,no_vertica,no_ydb",
		args: "-dir . postgres " + address + " up",
	}, {
		name: "golang-migrate", file: lazyregexp.New(`^\d+_.+\.up\.sql$`),
		module: "github.com/golang-migrate/migrate/v4", main: "/cmd/migrate", version: "v4.19.1", tags: "postgres",
		args: "-path . -database " + address + " up",
	},
	{name: "Atlas", config: []string{"atlas.hcl"}, file: lazyregexp.New(`^atlas\.sum$`)},
	{name: "Flyway", config: []string{"flyway.conf", "flyway.toml"}, file: lazyregexp.New(`^V[\d._]+__.+\.sql$`)},
}

// folders are where such tools have their migrations, below the backend's folder or the project's.
var folders = []string{"migrations", "migration", "db/migrations", "db/migration", "database/migrations", "database/migration", "internal/db/migrations",
	"internal/database/migrations", "internal/migrations", "pkg/migrations", "cmd/migration/migrations", "platform/migrations", "sql/migrations", "sql/schema", "schema", "sql"}

// library is the module of Go by which code may do what a migration's tool does, "" if there is none.
func library(m project.Migration) string {
	name, _, _ := strings.Cut(m.Tool, " ") // behind it is the version
	i := slices.IndexFunc(tools, func(t program) bool { return t.name == name })
	if i < 0 {
		return ""
	}
	return tools[i].module
}

// programs are the migrations of a tool that is a program of its own.
func programs(s *scan.Scan) project.Migration {
	for _, from := range slices.Compact([]tree.Folder{s.Folder, s.Root}) {
		for _, dir := range folders {
			if !from.HasDir(dir) {
				continue
			}
			for _, tool := range tools {
				if tool.of(from, from.Sub(dir)) {
					return tool.migration(s, from.Path(dir))
				}
			}
		}
	}
	return project.Migration{}
}

// of says whether the files of a folder are the tool's migrations.
func (t program) of(from, folder tree.Folder) bool {
	i := slices.IndexFunc(folder.List().Files, t.file.MatchString)
	return i < 0 && from.First(t.config...) != "" || i >= 0 && strings.Contains(folder.Read(folder.List().Files[i]), t.content)
}

// migration runs the tool in an image of its own, of the version that the project's go.mod names.
func (t program) migration(s *scan.Scan, dir string) project.Migration {
	found := project.Migration{Tool: t.name, Why: dir}
	mod := s.Read("go.mod")
	switch {
	case t.module == "":
		program := strings.ToLower(t.name)
		found.Missing = fmt.Sprintf("the %s's image has no %s: build it from a Dockerfile that has it, and say --migrate COMMAND; or run them in an image that has it and them, by with-job --name migrate --container IMAGE --command COMMAND --needs postgres --before %s",
			s.Role.Name, program, s.Role.Name)
		return found
	case mod != "" && !golang.UsesPostgres(mod):
		found.Missing = s.Path("go.mod") + " names no driver of postgres, such as github.com/jackc/pgx/v5"
		return found
	}
	version := cmp.Or(golang.Version(mod, t.module), t.version)
	build, program := golang.Tool(t.module+t.main, version, t.tags, dir)
	if s.Role.Production {
		build.Compile.Without = scan.Private
	}
	found.Build, found.Workdir, found.Reads = &build, scan.Target, []string{dir + "/**"}
	found.Command = []string{"sh", "-c", program + " " + t.args}
	found.Tool = t.name + " " + version
	found.Env = []spec.Variable{{Name: "PGSSLMODE", Value: spec.Value{spec.Text("disable")}, Default: true}} // the drivers want TLS otherwise
	return found
}
