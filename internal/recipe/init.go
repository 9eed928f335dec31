package recipe

import (
	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// InitFolder is where postgres' images look for what they run on a new data folder (docker-library/postgres, docker-entrypoint.sh).
const InitFolder = "/docker-entrypoint-initdb.d"

var initFile = lazyregexp.New(`\.(?:sh|sql|sql\.gz|sql\.xz|sql\.zst)$`)

// RunsInit tells whether a service is a postgres of the stack's own, whose folder for that is free.
func RunsInit(s spec.Service) bool { return IsPostgres(s) && !s.Described }

// IsInit tells whether the images run a file of that name there.
func IsInit(name string) bool { return initFile.MatchString(name) }
