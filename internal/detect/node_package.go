package detect

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// packageJSON is what is read of a package.json. What has another form than usual counts as not there: npm itself
// takes much.
type packageJSON struct {
	path            string // seen from the project's root
	Scripts         map[string]string
	Dependencies    map[string]string
	DevDependencies map[string]string
	Main            string
	PackageManager  string
	Engines         struct{ Node string }
	Volta           struct{ Node, Pnpm, Yarn string }
	DevEngines      json.RawMessage
	Workspaces      []string
}

// readPackage reads a folder's package.json. Without one it is empty.
func readPackage(f folder) (packageJSON, error) {
	pkg := packageJSON{path: f.path("package.json")}
	text := f.read("package.json")
	if text == "" {
		return pkg, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return pkg, fmt.Errorf("cannot read %s: %w", pkg.path, err)
	}
	for name, into := range map[string]any{
		"main": &pkg.Main, "packageManager": &pkg.PackageManager, "engines": &pkg.Engines, "volta": &pkg.Volta,
		"workspaces": &pkg.Workspaces,
	} {
		if json.Unmarshal(fields[name], into) != nil && name == "workspaces" { // Yarn's older form
			var older struct{ Packages []string }
			_ = json.Unmarshal(fields[name], &older)
			pkg.Workspaces = older.Packages
		}
	}
	pkg.DevEngines = fields["devEngines"]
	pkg.Scripts = stringMap(fields["scripts"])
	pkg.Dependencies = stringMap(fields["dependencies"])
	pkg.DevDependencies = stringMap(fields["devDependencies"])
	return pkg, nil
}

// stringMap is the part of a JSON object whose values are strings.
func stringMap(data json.RawMessage) map[string]string {
	var all map[string]any
	_ = json.Unmarshal(data, &all)
	found := map[string]string{}
	for name, value := range all {
		if text, ok := value.(string); ok {
			found[name] = text
		}
	}
	return found
}

func (p packageJSON) depends(name string) bool {
	_, ok := p.Dependencies[name]
	_, dev := p.DevDependencies[name]
	return ok || dev
}

// servers are the packages that a backend is written with, those that stand on another before it.
var servers = []struct{ pkg, name string }{
	{"@nestjs/core", "NestJS"}, {"@adonisjs/core", "AdonisJS"}, {"@hapi/hapi", "hapi"}, {"fastify", "Fastify"}, {"hono", "Hono"}, {"koa", "Koa"},
	{"@apollo/server", "Apollo"}, {"restify", "restify"}, {"express", "Express"},
}

// server is the server framework among the dependencies. Those for development do not count: a mock server is there.
func (p packageJSON) server() string {
	for _, s := range servers {
		if _, ok := p.Dependencies[s.pkg]; ok {
			return s.name
		}
	}
	return ""
}

// browser is the framework of a frontend among the dependencies.
func (p packageJSON) browser() string {
	for _, t := range browserTools {
		if slices.ContainsFunc(t.packages, p.depends) {
			return t.name
		}
	}
	return ""
}

// runsNode says whether a server is started that needs no framework: node server.js.
func (p packageJSON) runsNode(f folder) bool {
	if len(p.Workspaces) > 0 {
		return false
	}
	for _, name := range []string{"start", "dev"} {
		if words, ok := simple(p.Scripts[name]); ok {
			words = words[assignments(words):]
			if slices.Contains(nodeRunners, base(words)) {
				return true
			}
		}
	}
	return len(p.Scripts) == 0 && p.entry(f) != ""
}

// nodeRunners run a file.
var nodeRunners = []string{"node", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "babel-node"}

// entry is the file that a package without scripts is started by: what npm start falls back to, and common names.
func (p packageJSON) entry(f folder) string {
	return f.first("server.js", strings.TrimPrefix(p.Main, "./"), "index.js", "app.js", "main.js", "server.mjs", "index.mjs")
}

// local are the dependencies that are folders of the project, besides members of a workspace.
func (p packageJSON) local() []string {
	var paths []string
	for _, all := range []map[string]string{p.Dependencies, p.DevDependencies} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			for _, scheme := range []string{"file:", "link:", "portal:"} {
				if at, ok := strings.CutPrefix(all[name], scheme); ok {
					paths = append(paths, at)
				}
			}
		}
	}
	return paths
}

// lifecycle are the scripts that an install in the folder runs.
var lifecycle = []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}

func (p packageJSON) hasInstallScripts() bool {
	return slices.ContainsFunc(lifecycle, func(name string) bool { return p.Scripts[name] != "" })
}

// installScripts are those worth running: without those that set up git hooks or only say which package manager to
// use. They are written for a whole checkout.
func (p packageJSON) installScripts() []string {
	return slices.DeleteFunc(slices.Clone(lifecycle), func(name string) bool {
		line := p.Scripts[name]
		return line == "" || slices.ContainsFunc([]string{"husky", "lefthook", "simple-git-hooks", "only-allow"}, func(tool string) bool { return strings.Contains(line, tool) })
	})
}
