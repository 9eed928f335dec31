package node

import (
	"encoding/json"
	"fmt"
	"maps"
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
	Name            string
	built           []string // main, module, types and what exports names
	format          string   // module: a .ts or .js file is an ES module
	packageManager  string
	engines         struct{ Node string }
	volta           struct{ Node, Pnpm, Yarn string }
	devEngines      json.RawMessage
	workspaces      []string
	prisma          struct{ Schema string }
	resolutions     bool // it replaces versions that its dependencies ask for
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
		"main": &pkg.main, "name": &pkg.Name, "type": &pkg.format, "packageManager": &pkg.packageManager, "engines": &pkg.engines, "volta": &pkg.volta,
		"workspaces": &pkg.workspaces, "prisma": &pkg.prisma,
	} {
		if json.Unmarshal(fields[name], into) != nil && name == "workspaces" { // Yarn's older form
			var older struct{ Packages []string }
			_ = json.Unmarshal(fields[name], &older)
			pkg.workspaces = older.Packages
		}
	}
	pkg.devEngines = fields["devEngines"]
	pkg.resolutions = fields["resolutions"] != nil
	for _, name := range []string{"main", "module", "types", "exports"} {
		pkg.built = append(pkg.built, texts(fields[name])...)
	}
	pkg.scripts = stringMap(fields["scripts"])
	pkg.dependencies = stringMap(fields["dependencies"])
	pkg.devDependencies = stringMap(fields["devDependencies"])
	return pkg, nil
}

// Builds says whether there is a script "build".
func (p Manifest) Builds() bool { return p.scripts["build"] != "" }

// texts are all strings in a JSON value.
func texts(data json.RawMessage) (found []string) {
	var value any
	_ = json.Unmarshal(data, &value)
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case string:
			found = append(found, value)
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				walk(value[name])
			}
		case []any:
			for _, each := range value {
				walk(each)
			}
		}
	}
	walk(value)
	return found
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
	{"@apollo/server", "Apollo"}, {"restify", "restify"}, {"@strapi/strapi", "Strapi"}, {"@medusajs/medusa", "Medusa"}, {"@feathersjs/feathers", "Feathers"},
	{"@loopback/core", "LoopBack"}, {"@keystone-6/core", "Keystone"}, {"sails", "Sails"}, {"elysia", "Elysia"}, {"polka", "Polka"}, {"express", "Express"},
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

// pageServers are the frameworks of frontends that have a server, which may use a database.
var pageServers = []string{"next", "nuxt", "@sveltejs/kit", "@remix-run/dev", "@remix-run/react", "@react-router/dev", "astro", "vinxi", "@tanstack/react-start", "@solidjs/start"}

// databaseClients are packages by which a program talks to a database.
var databaseClients = []string{"@prisma/client", "prisma", "drizzle-orm", "pg", "postgres", "typeorm", "sequelize", "knex", "kysely", "objection", "@mikro-orm/core",
	"mongoose", "mongodb", "mysql", "mysql2", "better-sqlite3", "@neondatabase/serverless", "@vercel/postgres", "slonik", "pg-promise"}

// embedded are those that keep their data in files.
var embedded = []string{"better-sqlite3", "sqlite3", "sqlite", "@libsql/client", "libsql", "nedb", "@seald-io/nedb", "lowdb", "@electric-sql/pglite"}

// ServesPages says whether the package is a frontend with a server and a client of a database.
func (p Manifest) ServesPages() bool {
	return slices.ContainsFunc(pageServers, p.depends) && slices.ContainsFunc(databaseClients, p.depends)
}

// HasPages says whether the package starts a frontend of its own, and not only what bundles files for another server's pages.
func (p Manifest) HasPages(f tree.Folder) bool {
	return p.Starts() && (slices.ContainsFunc(pageServers, p.depends) || p.Browser() != "" && (f.Has("index.html") || f.Has("public/index.html")))
}

// Starts says whether a script may start something.
func (p Manifest) Starts() bool {
	return slices.ContainsFunc(startScripts, func(name string) bool { return p.scripts[name] != "" })
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

// RunsNode says whether a server is started that needs no framework: node server.js, wrangler dev.
func (p Manifest) RunsNode(f tree.Folder) bool {
	if len(p.workspaces) > 0 {
		return false
	}
	for _, name := range []string{"start", "dev"} {
		command, ok := shell.Parse(p.scripts[name]).Simple()
		if !ok {
			continue
		}
		t, serves, _ := p.toolOf(command.Args)
		if serves && len(t.packages) == 0 || slices.Contains(runners, shell.Base(command.Args)) && !evaluates(command.Args) {
			return true
		}
	}
	return len(p.scripts) == 0 && p.entry(f) != ""
}

// runners are programs that run a file.
var runners = []string{"node", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "babel-node", "bun"}

// evaluates says whether node is given a text to run, and no file: that serves nothing.
func evaluates(words []string) bool {
	return slices.ContainsFunc(words[1:], func(w string) bool {
		return slices.Contains([]string{"-e", "--eval", "-p", "--print", "-pe", "--check", "-c", "-v", "--version"}, w)
	})
}

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

func sortedNames(all map[string]string) []string { return slices.Sorted(maps.Keys(all)) }
