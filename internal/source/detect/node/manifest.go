package node

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect/tree"
)

// Manifest is what is read of a package.json. A field with an unusual form counts as not there: npm takes many forms.
type Manifest struct {
	path            string // seen from the project's root
	scripts         map[string]string
	dependencies    map[string]string
	devDependencies map[string]string
	main            string
	packageManager  string
	engines         struct{ Node string }
	volta           struct{ Node, Pnpm, Yarn string }
	devEngines      json.RawMessage
	workspaces      []string
}

// ReadManifest reads a folder's package.json. Without a package.json the manifest is empty.
func ReadManifest(f tree.Folder) (Manifest, error) {
	pkg := Manifest{path: f.Path("package.json")}
	text := f.Read("package.json")
	if text == "" {
		return pkg, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return pkg, fmt.Errorf("cannot read %s: %w", pkg.path, err)
	}
	for name, into := range map[string]any{
		"main": &pkg.main, "packageManager": &pkg.packageManager, "engines": &pkg.engines, "volta": &pkg.volta,
		"workspaces": &pkg.workspaces,
	} {
		if json.Unmarshal(fields[name], into) != nil && name == "workspaces" { // Yarn's older form
			var older struct{ Packages []string }
			_ = json.Unmarshal(fields[name], &older)
			pkg.workspaces = older.Packages
		}
	}
	pkg.devEngines = fields["devEngines"]
	pkg.scripts = stringMap(fields["scripts"])
	pkg.dependencies = stringMap(fields["dependencies"])
	pkg.devDependencies = stringMap(fields["devDependencies"])
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

func (p Manifest) depends(name string) bool {
	_, ok := p.dependencies[name]
	_, dev := p.devDependencies[name]
	return ok || dev
}

// servers are the packages that a backend is written with. A package that builds on another is in front of it.
var servers = []struct{ pkg, name string }{
	{"@nestjs/core", "NestJS"}, {"@adonisjs/core", "AdonisJS"}, {"@hapi/hapi", "hapi"}, {"fastify", "Fastify"}, {"hono", "Hono"}, {"koa", "Koa"},
	{"@apollo/server", "Apollo"}, {"restify", "restify"}, {"express", "Express"},
}

// Server is the server framework among the dependencies. Dependencies for development do not count: mock servers are
// there.
func (p Manifest) Server() string {
	for _, s := range servers {
		if _, ok := p.dependencies[s.pkg]; ok {
			return s.name
		}
	}
	return ""
}

// Browser is the framework of a frontend among the dependencies.
func (p Manifest) Browser() string {
	for _, t := range browserTools {
		if slices.ContainsFunc(t.packages, p.depends) {
			return t.name
		}
	}
	return ""
}

// RunsNode says whether a server is started that needs no framework: node server.js.
func (p Manifest) RunsNode(f tree.Folder) bool {
	if len(p.workspaces) > 0 {
		return false
	}
	for _, name := range []string{"start", "dev"} {
		if command, ok := shell.Parse(p.scripts[name]).Simple(); ok && slices.Contains(runners, shell.Base(command.Args)) {
			return true
		}
	}
	return len(p.scripts) == 0 && p.entry(f) != ""
}

// runners are programs that run a file.
var runners = []string{"node", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "babel-node"}

// entry is the file that a package without scripts is started by: what npm start falls back to, and common names.
func (p Manifest) entry(f tree.Folder) string {
	return f.First("server.js", strings.TrimPrefix(p.main, "./"), "index.js", "app.js", "main.js", "server.mjs", "index.mjs")
}

// local are the dependencies that are folders of the project, besides members of a workspace.
func (p Manifest) local() []string {
	var paths []string
	for _, all := range []map[string]string{p.dependencies, p.devDependencies} {
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

func (p Manifest) hasInstallScripts() bool {
	return slices.ContainsFunc(lifecycle, func(name string) bool { return p.scripts[name] != "" })
}

// installScripts are the scripts of an install that are worth running. Scripts that set up git hooks or check which
// package manager runs are not: they are written for a whole checkout.
func (p Manifest) installScripts() []string {
	return slices.DeleteFunc(slices.Clone(lifecycle), func(name string) bool {
		line := p.scripts[name]
		return line == "" || slices.ContainsFunc([]string{"husky", "lefthook", "simple-git-hooks", "only-allow"}, func(tool string) bool { return strings.Contains(line, tool) })
	})
}

// workspaces are the patterns of the folders that share a root's lockfile.
func workspaces(root tree.Folder, pkg Manifest) []string {
	// pnpm keeps the patterns in a YAML file, in a list of its first level: not worth a parser.
	in, patterns := false, pkg.workspaces
	for line := range strings.Lines(root.Read("pnpm-workspace.yaml")) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), " #")
		trimmed := strings.TrimSpace(line)
		item, isItem := strings.CutPrefix(trimmed, "- ")
		switch {
		case trimmed == "packages:":
			in = true
		case in && isItem:
			patterns = append(patterns, strings.Trim(strings.TrimSpace(item), `'"`))
		case trimmed != "" && trimmed[0] != '#':
			in = false
		}
	}
	return patterns
}

// hasMembers says whether some folder matches the patterns, as far as the text before their first wildcard tells.
func hasMembers(root tree.Folder, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		dir := path.Clean(pattern)
		if at := strings.IndexAny(dir, "*?[{"); at >= 0 {
			dir = path.Dir(dir[:at] + "x")
			return (dir == "." || root.HasDir(dir)) && len(root.Sub(dir).List().Dirs) > 0
		}
		return root.HasDir(dir)
	})
}
