package project

import (
	"fmt"
	"slices"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// settled tells whether a variable is one by which other parts of a database's description were made: another value would be true
// for the database alone.
func settled(s spec.Service, name string) bool {
	return slices.Contains(recipe.Settled(s), name)
}

func settledBy(s spec.Service) string {
	if s.Described {
		return "change the compose file, or give the values of its ${VARIABLES} with --env"
	}
	return fmt.Sprintf("the user is %s, the database %s, and --db-password says the password; a compose file can have others", s.Login.User, s.Login.Database)
}
