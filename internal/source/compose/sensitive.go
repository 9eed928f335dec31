package compose

import (
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

var (
	secretName = lazyregexp.New(`(?i)PASSW(OR)?D|PASSPHRASE|(^|_)PASS($|_)|SECRET|TOKEN|(API|ACCESS|PRIVATE|ENCRYPTION|MASTER|SIGNING)_?KEY|CREDENTIAL|(^|_)SALT($|_)|(^|_)PWD$|(^|_)DSN$`)
	keyName    = lazyregexp.New(`(?i)(^|_)KEY(_BASE)?$`)
	login      = lazyregexp.New(`^[a-zA-Z][a-zA-Z0-9+.-]*://[^/@\s]*:[^/@\s]+@`)
)

// common words are no secrets, whatever the name of their variable: without them logs could not be read.
var common = []string{
	"admin", "app", "default", "dev", "development", "enabled", "disabled", "example", "false", "guest", "localhost", "mongo", "mysql", "none", "null",
	"off", "on", "password", "postgres", "production", "redis", "required", "root", "secret", "test", "true", "user", "yes", "no",
}

const (
	shortestSecret = 4  // shorter ones are everywhere in a log
	shortestKey    = 16 // of a variable that is only called a key: SORT_KEY is none of a lock
)

// sensitive tells whether a value looks like a secret: by the variable's name, or as an address with a password.
func sensitive(name, value string) bool {
	switch {
	case login.MatchString(value):
		return true
	case strings.Contains(value, "://") || strings.HasPrefix(value, "/"): // an address or a file
		return false
	case keyName.MatchString(name) && len(value) >= shortestKey:
		return true
	case !secretName.MatchString(name) || !telling(value):
		return false
	}
	_, err := strconv.ParseFloat(value, 64)
	return err != nil || len(value) > 5 // a port, or a number of seconds
}

// telling tells whether a text, if it is a secret, is none that stands everywhere.
func telling(text string) bool {
	return len(text) >= shortestSecret && !slices.Contains(common, strings.ToLower(text))
}
