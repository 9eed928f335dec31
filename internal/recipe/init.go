package recipe

import (
	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// InitFolder is where postgres' images look for what they run on a new data folder (docker-library/postgres, docker-entrypoint.sh).
const InitFolder = "/docker-entrypoint-initdb.d"

var initFile = lazyregexp.New(`\.(?:sh|sql|sql\.gz|sql\.xz|sql\.zst)$`)

// HasInit tells whether a service's image looks there.
func HasInit(s spec.Service) bool { return IsPostgres(s) }

// RunsInit tells whether that folder of a service is free: the service is the stack's own.
func RunsInit(s spec.Service) bool { return HasInit(s) && !s.Described }

// IsInit tells whether the images run a file of that name there.
func IsInit(name string) bool { return initFile.MatchString(name) }
