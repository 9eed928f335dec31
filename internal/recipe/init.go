package recipe

import "regexp"

// InitFolder is where postgres' images look for what they run on a new data folder (docker-library/postgres, docker-entrypoint.sh).
const InitFolder = "/docker-entrypoint-initdb.d"

var initFile = regexp.MustCompile(`\.(?:sh|sql|sql\.gz|sql\.xz|sql\.zst)$`)

// IsInit tells whether the images run a file of that name there.
func IsInit(name string) bool { return initFile.MatchString(name) }
