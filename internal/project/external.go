package project

import (
	"fmt"
	"slices"
	"strings"
)

// ExternalSecret is what an external secret of a compose file is called in the stack.
func ExternalSecret(name string) string { return externalPrefix + name }

const externalPrefix = "external-"

// CheckExternal refuses an external secret that no file names.
func (p Project) CheckExternal(name string) error {
	switch {
	case slices.Contains(p.Secrets, ExternalSecret(name)):
		return nil
	case len(p.Secrets) == 0:
		return fmt.Errorf("external secret %q: the stack has no external secrets", name)
	}
	return fmt.Errorf("external secret %q is not one of the stack's: want one of %s", name, strings.Join(p.externals(), ", "))
}

// CheckSecrets refuses a stack that lacks external secrets, and names all of them.
func (p Project) CheckSecrets(given func(name string) bool) error {
	var lacking []string
	for _, name := range p.externals() {
		if !given(ExternalSecret(name)) {
			lacking = append(lacking, "--name "+name)
		}
	}
	if len(lacking) > 0 {
		return fmt.Errorf("external secrets of the compose file are not given: give each with with-external-secret (%s), with a --secret such as file://PATH or env://NAME",
			strings.Join(lacking, ", "))
	}
	return nil
}

// externals are the names of the external secrets, as users write them.
func (p Project) externals() (names []string) {
	for _, name := range p.Secrets {
		names = append(names, strings.TrimPrefix(name, externalPrefix))
	}
	return names
}
