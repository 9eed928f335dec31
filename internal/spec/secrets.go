package spec

import (
	"regexp"
	"slices"
)

var secretName = regexp.MustCompile(`\{\{-?\s*secret\s+"([^"]+)"`)

// Templates are all that the service has.
func (s Service) Templates() []Template {
	var templates []Template
	for _, env := range s.Process.Env {
		templates = append(templates, env.Template)
	}
	for _, file := range s.Files {
		templates = append(templates, file.Template)
	}
	for _, hook := range s.Hooks {
		templates = append(templates, hook.Stdin)
	}
	if s.Backup != nil {
		for _, env := range s.Backup.Env {
			templates = append(templates, env.Template)
		}
	}
	if s.Probe != nil {
		templates = append(templates, s.Probe.URL)
	}
	return templates
}

// Secrets are the names of those that the service's templates use, sorted: all that its container needs to have.
func (s Service) Secrets() []string {
	var names []string
	for _, text := range s.Templates() {
		for _, match := range secretName.FindAllStringSubmatch(string(text), -1) {
			names = append(names, match[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
