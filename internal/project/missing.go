package project

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
)

// Missing is a variable that a service cannot do without, and that nobody gives.
type Missing struct{ Service, Name, From, Why string }

// CheckVariables refuses a stack that lacks variables, and names all of them.
func (p Project) CheckVariables() error {
	var lines []string
	for _, m := range p.Missing {
		s, found := p.Service(m.Service)
		if !found {
			continue
		}
		if env := p.overridden(s).Process.Env; slices.ContainsFunc(env, func(v spec.Variable) bool { return v.Name == m.Name && !v.Unset }) {
			continue
		}
		why := ""
		if m.Why != "" {
			why = ": " + m.Why
		}
		lines = append(lines, fmt.Sprintf("  --env %s=…  for %s, read in %s%s", m.Name, m.Service, m.From, why))
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New("variables that have no default and that nobody gives:\n" + strings.Join(lines, "\n") +
		"\ngive each with --env NAME=VALUE, with-env, or with-secret for what nobody may see, or in the project's .env")
}

// Faults are what is wrong with a project's files, and the variables that its stack lacks beside, after what the user says: all at once.
func (p Project) Faults(wrong error, say func(Project) (Project, error)) error {
	if said, err := say(p); err == nil {
		p = said
	}
	if lacks := p.CheckVariables(); lacks != nil {
		return fmt.Errorf("%w\n%w", wrong, lacks)
	}
	return wrong
}
