package detect

import (
	"slices"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/spec"
)

// database is one that a stack has where the code has a client of it.
type database struct {
	kind  string // as package variables calls it
	name  string
	make  func(name, image string) spec.Service
	image string
}

var databases = []database{
	{"mysql", mysqlName, recipe.MySQL, "mysql:8.4"},
	{"mongodb", mongoName, recipe.Mongo, "mongo:7"},
}

// databases adds the databases beside postgres and redis that the backend has a client of. What a compose file has, or the user has
// added, is the project's own choice.
func (found Result) databases(p project.Project, texts []variables.Text, flags Flags) project.Project {
	if found.Backend == nil || slices.ContainsFunc(p.Services, func(s spec.Service) bool { return s.Described }) {
		return p
	}
	kinds := found.reads(found.Backend).Databases(texts)
	for _, d := range databases {
		added := slices.ContainsFunc(flags.Added, func(name string) bool { return strings.Contains(name, d.name) })
		if !slices.Contains(kinds, d.kind) || added || slices.Contains(flags.Without, d.name) {
			continue
		}
		p.Services = append(slices.Clone(p.Services), d.make(d.name, d.image))
		p.Notes = append(slices.Clone(p.Notes), "the stack has "+d.image+", because the backend has a client of it: without-service --name "+d.name+" leaves it out")
	}
	return p
}

// isDatabase tells whether a service is one of them.
func isDatabase(s spec.Service) bool {
	return !s.Described && slices.ContainsFunc(databases, func(d database) bool { return d.name == s.Name })
}
