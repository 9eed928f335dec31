package detect

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/scan"
)

// complete is a service whose migration, which its language has found, is run in the service's container: in a folder of the source, or
// of the image that a Dockerfile makes.
func complete(s *scan.Scan, found *Service) *Service {
	if !s.Role.Backend {
		return found
	}
	if found.Migration.Tool == "" {
		found.Migration = programs(s)
	}
	if found.Build.Target != "" && found.Migration.Workdir != "" {
		found.Migration.Workdir, found.Migration.Files = s.Workdir(found.Build.Dir, found.Migration.Workdir), nil
	}
	return found
}

// program is a tool that is a program of its own, which no image of a language has.
type program struct {
	name    string
	module  string         // of Go, by which a program does the tool's work itself
	config  []string       // its files
	file    *regexp.Regexp // what its migrations are called
	content string         // what is in them
}

var tools = []program{
	{"goose", "github.com/pressly/goose/v3", nil, regexp.MustCompile(`^\d+_.+\.sql$`), "+goose Up"},
	{"golang-migrate", "github.com/golang-migrate/migrate/v4", nil, regexp.MustCompile(`^\d+_.+\.up\.sql$`), ""},
	{"Atlas", "", []string{"atlas.hcl"}, regexp.MustCompile(`^atlas\.sum$`), ""},
	{"Flyway", "", []string{"flyway.conf", "flyway.toml"}, regexp.MustCompile(`^V[\d._]+__.+\.sql$`), ""},
}

// programs are migrations of tools that are programs of their own: they are named, and not run.
func programs(s *scan.Scan) project.Migration {
	for _, dir := range []string{"migrations", "db/migrations", "sql/migrations", "database/migrations", "internal/db/migrations", "db/migration", "sql/schema", "sql"} {
		if !s.HasDir(dir) {
			continue
		}
		folder := s.Sub(dir)
		for _, tool := range tools {
			i := slices.IndexFunc(folder.List().Files, tool.file.MatchString)
			if i < 0 && s.First(tool.config...) == "" || i >= 0 && !strings.Contains(folder.Read(folder.List().Files[i]), tool.content) {
				continue
			}
			found := project.Migration{Tool: tool.name, Why: s.Path(dir)}
			found.Missing = fmt.Sprintf("the %s's image has no %s: build it from a Dockerfile that has it, and say --migrate COMMAND", s.Role.Name, strings.ToLower(tool.name))
			if tool.module != "" && strings.Contains(s.Read("go.mod"), tool.module+" ") {
				found.Missing = fmt.Sprintf("the %s has %s as a library, and is expected to run them itself", s.Role.Name, tool.name)
			}
			return found
		}
	}
	return project.Migration{}
}

// startMigrates matches a command that brings a database up to date.
var startMigrates = regexp.MustCompile(`\balembic\b[^\n&|;]*\bupgrade\b|manage\.py["',\s]+migrate\b|\bflask\b[^\n&|;]*\bdb["',\s]+upgrade\b|\bprisma["',\s]+(?:migrate["',\s]+deploy|db["',\s]+push)|\bdrizzle-kit["',\s]+(?:migrate|push)|\bmigrate:latest\b|\bdb:migrate\b|\bmigration:run\b`)

var shellScript = regexp.MustCompile(`[\w./-]+\.sh\b`)

// migratesItself says whether a Dockerfile, or a script that it names, brings the database up to date: what it prepares for that is
// not known.
func (d plan) migratesItself(s *scan.Scan) bool {
	text := s.Root.Read(d.path)
	for _, script := range shellScript.FindAllString(text, -1) {
		for _, name := range []string{script, path.Base(script), path.Join("scripts", path.Base(script))} {
			text += "\n" + s.Read(strings.TrimPrefix(path.Clean(name), "/"))
		}
	}
	return startMigrates.MatchString(text)
}
