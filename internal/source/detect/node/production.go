package node

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// form is how a service is built and shipped for production.
type form struct {
	name    string
	command []string
	tool    tool
	build   []string    // variables of the build alone
	after   []spec.Step // of the build, in the service's folder
	prune   bool        // packages that are for development alone are taken out
	ship    spec.Ship
	static  bool
	routes  []scan.Route
}

// useless are files beside a service that the service in production has no use for.
var useless = append([]string{
	"**/.cache", "**/.turbo", "**/.vite", "**/*.tsbuildinfo", "**/.eslintrc*", "**/eslint.config.*", "**/.prettierrc*", "**/.storybook",
}, scan.Private...)

// own are the same, of the service's folder: packages may have files of these names that they cannot do without.
var own = []string{
	"src/**/*.test.*", "src/**/*.spec.*", "**/__tests__", "test", "tests", "e2e", "cypress", "coverage", "*.md", "playwright.config.*", "vitest.config.*", "jest.config.*",
}

// production is the form of the service that dev starts otherwise, or why there is none.
func (l look) production(dev start) (form, string) {
	if len(l.Role.Command) > 0 {
		return l.server(dev, l.Role.Command)
	}
	switch t := dev.tool; {
	case t.name == "Next.js":
		return l.next()
	case t.name == "Nuxt" && t.major == "":
		return l.output("nuxt", "NUXT_TELEMETRY_DISABLED=1")
	case t.name == "SolidStart":
		return l.output("vinxi")
	case t.name == "" || len(t.packages) == 0 || l.pkg.hasServer(l):
		return l.server(dev, nil)
	default:
		return l.site(t)
	}
}

// hasServer says whether the pages of a framework are made by a server in production, too.
func (p Manifest) hasServer(l look) bool {
	switch {
	case p.depends("@sveltejs/kit"):
		return !p.depends("@sveltejs/adapter-static")
	case p.depends("@react-router/dev"):
		return !noServer.MatchString(l.Read(l.First("react-router.config.ts", "react-router.config.js")))
	case p.depends("astro"):
		return p.depends("@astrojs/node")
	}
	return slices.ContainsFunc([]string{"nuxt", "@remix-run/dev", "@tanstack/react-start", "@solidjs/start", "waku"}, p.depends)
}

// producedBy is the service in its form for production.
func (l look) producedBy(f form, dev start) (*scan.Service, error) {
	f.ship.Env = append(scan.Variables("NODE_ENV=production"), f.ship.Env...)
	built := start{command: f.command, tool: f.tool, plain: dev.plain, bun: dev.bun, build: l.pkg.scripts["build"] != "" && l.buildsElsewhere() == ""}
	if dir := l.buildsElsewhere(); dir != "" {
		l.Note("%s: its script build is that of %s, and is left to that", l.pkg.path, l.Path(dir))
	}
	found, err := l.service(built)
	if err != nil {
		return nil, err
	}
	below := tree.Relative(l.buildDirOf(), l.Dir)
	if !built.build && f.tool.name != "" && len(f.tool.bins)+len(f.tool.command) > 0 {
		program := append(slices.Clone(f.tool.bins), f.tool.command...)[0]
		found.Build.Steps = append(found.Build.Steps, scan.Within(below, []spec.Step{{Files: []string{"**"}, Command: l.manager.exec(program, "build")}})...)
	}
	for i, step := range found.Build.Steps {
		if env := f.buildEnv(step); step.Whole() && len(env) > 0 {
			found.Build.Steps[i].Command = slices.Concat([]string{"env"}, env, step.Command)
		}
	}
	if f.prune {
		step := spec.Step{Command: l.manager.prune()}
		if step.Command == nil {
			l.Note("%s: packages for development stay in the image: this yarn has no command that takes them out", l.pkg.path)
		} else {
			step.Dir = strings.TrimPrefix(tree.Relative(l.buildDirOf(), l.shared.Dir), ".")
			found.Build.Steps = append(found.Build.Steps, step)
		}
	}
	for _, step := range f.after {
		step.Dir = strings.TrimPrefix(below, ".")
		found.Build.Steps = append(found.Build.Steps, step)
	}
	if f.ship.Image == "" {
		f.ship.Image = found.Build.Image
	}
	f.ship.Folders = []string{scan.Home}
	found.Build.Ship, found.Production, found.Command = &f.ship, true, f.command
	found.Kind = strings.Replace(found.Kind, " (", f.name+" (", 1)
	if f.static {
		found.Build.Scratch, found.Proxied, found.Proxies, found.Routes = false, nil, "", f.routes
		found.Build.Folders = append(found.Build.Folders, site)
		found.Workdir = site // that of the source is not in the image
	}
	found.Build.Mutable = nil
	return found, l.migratesBeside(found, dev)
}

// folderOf matches a folder that a package manager, or the shell, is told to go to.
var folderOf = lazyregexp.New(`(?:--prefix|--cwd|--dir|-C|\bcd)[= ]+(?:\./)?([\w./-]+)`)

// buildsElsewhere is the folder of another package that the script build is about, "" if it is about its own.
func (l look) buildsElsewhere() string {
	for _, match := range folderOf.FindAllStringSubmatch(l.pkg.scripts["build"], -1) {
		if dir := path.Clean(match[1]); l.Has(path.Join(dir, "package.json")) {
			return dir
		}
	}
	return ""
}

// buildEnv are the variables of a step of the build. An install with NODE_ENV=production would leave out what builds, also one in a script that builds.
func (f form) buildEnv(step spec.Step) []string {
	if !slices.Contains(step.Command, "build") {
		return f.build
	}
	return append([]string{"NODE_ENV=production", "npm_config_include=dev"}, f.build...)
}

// migratesBeside has the database migrated from the packages for development, where the tools for that are.
func (l look) migratesBeside(found *scan.Service, dev start) error {
	if found.Migration.Tool == "" {
		return nil
	}
	notes := l.Notes
	beside, err := l.service(start{command: dev.command, tool: dev.tool})
	l.Notes = notes
	if err != nil {
		return err
	}
	beside.Build.Service = l.Dir
	beside.Build.Ship = &spec.Ship{
		Image: beside.Build.Image, Folders: []string{scan.Home},
		Copies: []spec.Copy{{From: scan.Target, To: scan.Target, Without: useless}, {From: scan.Tools, To: scan.Tools}},
	}
	found.Migration.Build = &beside.Build
	return nil
}

// server is the form of a service that a program in JavaScript serves: command is the user's, nil unless there is one.
func (l look) server(dev start, command []string) (form, string) {
	f := form{name: ", production", prune: true, command: command}
	if command == nil {
		var why string
		if f.command, why = l.startsBuilt(dev); why != "" {
			return f, why
		}
	}
	if tool := l.devTool(f.command); tool != "" {
		f.prune = false
		l.Note("%s: %s runs it, which is a package for development: those stay in the image; name it among dependencies, or add a script start that runs without it", l.pkg.path, tool)
	}
	without := slices.Clone(useless)
	below := tree.Relative(l.buildDirOf(), l.Dir)
	for _, pattern := range own {
		without = append(without, path.Join(below, pattern))
	}
	if strings.HasPrefix(shell.Base(f.command), "node") && made.MatchString(strings.Join(f.command, " ")) {
		without = append(without, path.Join(below, "src/**/*.ts"), path.Join(below, "src/**/*.tsx"))
	}
	for _, dir := range Members(l.shared, l.lead) { // of the workspace, that are no part of it
		if dir := tree.Relative(l.shared.Dir, dir); dir != tree.Relative(l.shared.Dir, l.Dir) && !slices.ContainsFunc(l.members, func(m member) bool { return m.dir == dir }) {
			without = append(without, path.Join(tree.Relative(l.buildDirOf(), l.shared.Dir), dir))
		}
	}
	f.ship.Copies = []spec.Copy{{From: scan.Target, To: scan.Target, Without: without}}
	if slices.Contains([]string{"pnpm", "yarn"}, shell.Base(f.command)) {
		f.ship.Copies = append(f.ship.Copies, spec.Copy{From: scan.Tools, To: scan.Tools})
	}
	return f, ""
}

// buildDirOf is the folder that the build takes. That it cannot be said is an error of the service.
func (l look) buildDirOf() string {
	dir, err := l.common()
	if err != nil {
		return l.shared.Dir
	}
	return dir
}

// prune is the command that takes out the packages which are for development alone, nil if the manager has none.
func (m manager) prune() []string {
	frozen := func(command ...string) []string {
		if m.lock != "" && m.frozen != "" {
			command = append(command, m.frozen)
		}
		return command
	}
	switch {
	case m.name == bun.name:
		return []string{"sh", "-ec", "find . -name node_modules -type d -prune -exec rm -rf {} + && " + strings.Join(frozen("bun", "install", "--production", "--ignore-scripts"), " ")}
	case m.name == pnpm.name:
		return frozen("env", "CI=true", "pnpm", "install", "--prod", "--offline", "--ignore-scripts", "--store-dir", "/cache/pnpm")
	case m.pkg == berry.pkg && strings.HasPrefix(strings.TrimLeft(m.version, "^~>=v"), "4"):
		return []string{"yarn", "workspaces", "focus", "--all", "--production"}
	case m.pkg == berry.pkg:
		return nil
	case m.name == yarn.name:
		return frozen("yarn", "install", "--production", "--ignore-scripts", "--prefer-offline", "--non-interactive")
	}
	return []string{"npm", "prune", "--omit=dev", "--ignore-scripts"}
}

// check is a step that fails with a sentence where a build has not made a file.
func check(file, advice string) string {
	return fmt.Sprintf("test -e '%s' || { echo 'the build made no %s: %s' >&2; exit 1; }", file, file, advice)
}
