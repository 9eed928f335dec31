package project

import (
	"errors"
	"fmt"
	"slices"

	"dagger/stack/internal/recipe"
)

// Open is the project with a redis that wants no password.
func (p Project) Open() (Project, error) {
	i := slices.IndexFunc(p.Services, recipe.Opens)
	switch {
	case i < 0:
		return p, errors.New("--redis-no-password: the stack has no redis that is known")
	case p.Services[i].Described:
		return p, fmt.Errorf("--redis-no-password: %s is a service of the compose file, which says whether it wants a password: change its command there", p.Services[i].Name)
	}
	p.Services = slices.Clone(p.Services)
	p.Services[i] = recipe.Open(p.Services[i])
	return p, nil
}

// CheckOpen refuses a password beside the wish for none.
func CheckOpen(none, given bool) error {
	if none && given {
		return errors.New("--redis-no-password and --redis-password: give one of them")
	}
	return nil
}
