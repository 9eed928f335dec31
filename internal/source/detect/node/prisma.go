package node

import (
	"path"
	"slices"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// schemas are the places where Prisma looks for a schema of one file: the manifest may name another one.
func (p Manifest) schemas() []string {
	places := []string{"prisma/schema.prisma", "schema.prisma"}
	if p.prisma.Schema != "" {
		places = append([]string{path.Clean(p.prisma.Schema)}, places...)
	}
	return places
}

// generate makes the database clients that Prisma writes from its schemas: the service's own, which lies in dir below the lockfile, and
// those of the members that it is made of. An install from the manifests alone has no schema.
func (l look) generate(dir string) (steps []spec.Step) {
	for _, part := range append(slices.Clone(l.members), member{dir, l.pkg}) {
		f := l.shared.Sub(part.dir)
		if files := part.pkg.generates(f); files != nil {
			command := append(part.pkg.standIns(f), l.manager.exec("prisma", "generate")...)
			steps = append(steps, scan.Within(part.dir, []spec.Step{{Files: files, Command: command}})...)
		}
	}
	return steps
}

// generates are the files of a package's folder that Prisma makes a client of; nil if it makes none, or an install script does.
func (p Manifest) generates(f tree.Folder) []string {
	if !p.depends("prisma") && !p.depends("@prisma/client") || p.around("install") {
		return nil
	}
	schema := f.First(append(p.schemas(), "prisma.config.ts")...)
	if schema == "" && !f.HasDir("prisma/schema") {
		return nil
	}
	files := []string{"prisma/**", "*.prisma", "prisma.config.*", "package.json"}
	if below := path.Dir(schema); below != "." && below != "prisma" {
		files = append(files, below+"/**")
	}
	return files
}

// configEnv matches a variable that Prisma's configuration cannot do without.
var configEnv = lazyregexp.New(`\benv(?:<[^>(]*>)?\(\s*["'](\w+)["']\s*\)`)

// standIns are what a command begins with that gives the variables which Prisma's configuration insists on, though what is asked for
// connects to no database.
func (p Manifest) standIns(f tree.Folder) (words []string) {
	config := f.First("prisma.config.ts", "prisma.config.mts", "prisma.config.js", "prisma.config.mjs")
	if config == "" {
		return nil
	}
	for _, match := range configEnv.FindAllStringSubmatch(f.Read(config), -1) {
		if word := match[1] + "=postgresql://none@localhost:5432/none"; !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if words != nil {
		words = append([]string{"env"}, words...)
	}
	return words
}
