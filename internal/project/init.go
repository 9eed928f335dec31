package project

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/recipe"
)

// CheckInit refuses a folder of --postgres-init that the stack's postgres would not read. names are what is in the folder.
func (p Project) CheckInit(names []string) error {
	postgres, found := p.Service("postgres")
	switch {
	case !found:
		return fmt.Errorf("--postgres-init: the stack has no built-in postgres: it consists of %s", strings.Join(p.Names(), ", "))
	case postgres.Described:
		return fmt.Errorf("--postgres-init: %s describes postgres itself: mount the folder there, at %s", p.Source, recipe.InitFolder)
	case slices.ContainsFunc(names, recipe.IsInit):
		return nil
	}
	return fmt.Errorf("--postgres-init: the folder has nothing that the image runs: want files *.sql, *.sql.gz, *.sql.xz, *.sql.zst or *.sh directly in it; it has %s",
		strings.Join(append(names, "nothing else")[:max(1, min(len(names), 5))], ", "))
}
