package detect

import (
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/scan"
)

// complete is a service whose migration is run in the service's container: in a folder of the source, or of the image that a Dockerfile
// makes.
func complete(s *scan.Scan, found *Service) *Service {
	if !s.Role.Backend {
		return found
	}
	found.Migration = migration(s, found.Migration)
	if found.Build.Target != "" && found.Migration.Workdir != "" && found.Migration.Build == nil {
		found.Migration.Workdir, found.Migration.Files = s.Workdir(found.Build.Dir, found.Migration.Workdir), nil
	}
	return found
}

// migration is the one that the backend's language has found, else one of a tool that is a program of its own.
func migration(s *scan.Scan, found project.Migration) project.Migration {
	if found.Tool != "" || !s.Role.Backend {
		return found
	}
	return programs(s)
}

// startMigrates matches a command that brings a database up to date.
var startMigrates = lazyregexp.New(`\balembic\b[^\n&|;]*\bupgrade\b|manage\.py["',\s]+migrate\b|\bflask\b[^\n&|;]*\bdb["',\s]+upgrade\b|\bprisma["',\s]+(?:migrate["',\s]+deploy|db["',\s]+push)|\bdrizzle-kit["',\s]+(?:migrate|push)|\bmigrate:latest\b|\bdb:migrate\b|\bmigration:run\b` +
	`|\bgoose\b[^\n&|;]*\bup\b|\bmigrate["',\s]+-[^\n&|;]*\bup\b|\batlas\b[^\n&|;]*\bmigrate["',\s]+apply|\bflyway\b[^\n&|;]*\bmigrate\b|\bmake\s+(?:db-)?migrat\w*\b|\btask\s+migrat\w*\b`)

var shellScript = lazyregexp.New(`[\w./-]+\.sh\b`)

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
