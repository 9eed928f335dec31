package project

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/recipe"
)

// CheckInit refuses a folder of --postgres-init that the stack's postgres would not read. names are what is in the folder.
func (p Project) CheckInit(names []string) error {
	described := slices.IndexFunc(p.Services, recipe.HasInit)
	switch {
	case slices.ContainsFunc(p.Services, recipe.RunsInit):
	case described >= 0:
		return fmt.Errorf("--postgres-init: %s describes %s itself: mount the folder there, at %s", p.Source, p.Services[described].Name, recipe.InitFolder)
	default:
		return fmt.Errorf("--postgres-init: the stack has no built-in postgres: it consists of %s", strings.Join(p.Names(), ", "))
	}
	if slices.ContainsFunc(names, recipe.IsInit) {
		return nil
	}
	return fmt.Errorf("--postgres-init: the folder has nothing that the image runs: want files *.sql, *.sql.gz, *.sql.xz, *.sql.zst or *.sh directly in it; it has %s",
		strings.Join(append(names, "nothing else")[:max(1, min(len(names), 5))], ", "))
}
