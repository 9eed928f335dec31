package node

import (
	"path"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/spec"
)

// schemas are the places where Prisma looks for a schema of one file: the manifest may name another one.
func (l look) schemas() []string {
	places := []string{"prisma/schema.prisma", "schema.prisma"}
	if l.pkg.prisma.Schema != "" {
		places = append([]string{path.Clean(l.pkg.prisma.Schema)}, places...)
	}
	return places
}

// generate makes the database client that Prisma writes from its schema. An install from the manifests alone has no schema.
func (l look) generate(dir string) []spec.Step {
	if !l.pkg.depends("prisma") && !l.pkg.depends("@prisma/client") || l.pkg.around("install") {
		return nil
	}
	schema := l.First(append(l.schemas(), "prisma.config.ts")...)
	if schema == "" && !l.HasDir("prisma/schema") {
		return nil
	}
	files := []string{"prisma/**", "*.prisma", "prisma.config.*", "package.json"}
	if below := path.Dir(schema); below != "." && below != "prisma" {
		files = append(files, below+"/**")
	}
	return scan.Within(dir, []spec.Step{{Files: files, Command: l.manager.exec("prisma", "generate")}})
}
