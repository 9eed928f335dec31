// Package recipe knows images that stacks are made of: how a postgres or a redis is asked whether it works, how it is stopped,
// backed up and bounded, and which variables say to others where it is.
package recipe

import "dagger/stack/internal/spec"

// The secrets of the recipes. The user gives them or the stack makes them.
const (
	DBPassword    = "db-password"
	RedisPassword = "redis-password"
	SecretKey     = "secret-key"
)

// MiB is a mebibyte.
const MiB = 1 << 20

// recipe is what is known of some images.
type recipe struct {
	images   []string                        // by their repositories
	servers  []string                        // the program that they run, by its names
	complete func(spec.Service) spec.Service // adds what a service of such an image does not say itself
	login    spec.LoginKind                  // what clients speak
	settled  []string                        // variables by which other parts of a service's description were made
	ping     func(spec.Service) []string     // the command by which the image asks its own server whether it works
}

// recipes are all of them.
var recipes = []recipe{postgres, redis}

// of is the recipe of a service whose login is known.
func of(s spec.Service) (found recipe) {
	for _, known := range recipes {
		if s.Login != nil && s.Login.Kind == known.login {
			found = known
		}
	}
	return found
}

// Settled are the variables by which other parts of a service's description were made.
func Settled(s spec.Service) []string { return of(s).settled }

// Ping is the command by which a database's image asks its own server whether it works, nil if none is known.
func Ping(s spec.Service) []string {
	if known := of(s); known.ping != nil {
		return known.ping(s)
	}
	return nil
}
