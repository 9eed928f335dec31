package detect

import (
	"fmt"
	"path"
	"slices"

	"dagger/stack/internal/spec"
)

// node is a service in JavaScript: its packages beside the source, in node_modules.
func (s *scan) node() (*Service, error) {
	pkg, err := readPackage(s.folder)
	if err != nil {
		return nil, err
	}
	// A member of a workspace is installed from the root, where the lockfile is.
	lead, shared := pkg, s.folder
	top, err := readPackage(s.root)
	if err != nil {
		return nil, err
	}
	own := s.first("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb") != ""
	if s.dir != "." && !own && isMember(s.dir, workspaces(s.root, top)) {
		lead, shared = top, s.root
	}
	asked, err := s.nodeVersion(pkg, lead)
	if err != nil {
		return nil, err
	}
	m, err := s.manager(shared, lead)
	if err != nil {
		return nil, err
	}
	begin := s.given(pkg)
	if len(s.role.command) == 0 {
		if begin, err = s.start(pkg, m); err != nil {
			return nil, err
		}
	}
	steps, err := s.nodeSteps(pkg, lead, shared, m)
	if err != nil {
		return nil, err
	}
	if asked.note != "" {
		s.note("%s", asked.note)
	}
	if begin.build {
		dir := "." // steps run where the lockfile is
		if shared.dir != s.dir {
			dir = s.dir
		}
		steps = append(steps, spec.Step{Files: []string{"**"}, Command: m.runIn(dir, "build")})
		s.note("%s has no script that runs without a build: it is built anew after every edit; a script dev would not need that", pkg.path)
	}
	found := s.result(fmt.Sprintf("%s (%s)", s.nodeKind(pkg, begin), m.name), pkg.path)
	if m.lock != "" {
		found.Why = shared.path(m.lock) + " and " + found.Why
	}
	found.Command = begin.command
	found.Workdir = s.workdir(shared.dir, "")
	bins := target + "/node_modules/.bin:" + tools + "/bin:${PATH}"
	if found.Workdir != target {
		bins = path.Join(found.Workdir, "node_modules/.bin") + ":" + bins
	}
	managerEnv, caches := m.env()
	env := append(s.env(), spec.BuildVariable{Name: "PATH", Value: bins}, spec.BuildVariable{Name: "BROWSER", Value: "none"}) // which dev servers open
	found.Build = spec.Build{
		Image: "node:" + asked.tag + "-alpine", Dir: shared.dir, Target: target,
		Env: append(append(env, managerEnv...), begin.tool.env...), Caches: caches,
		Folders: []string{home, tools}, Steps: steps,
		// What is not just node and a file compiles something, and writes it beside the source.
		Scratch: !s.role.backend || !begin.plain,
	}
	if !s.role.backend {
		found.Build.Mutable = []string{"**/tsconfig.json", "**/*.d.ts", "**/*.gen.ts"}
		if pkg.oldVite() && begin.tool.name != "" {
			s.note("%s: Vite 5 answers to localhost alone: for other services to reach it as %s, set server.allowedHosts in its configuration, or take Vite 6", pkg.path, s.role.name)
		}
	}
	return found, nil
}

// given is the start by a command that the user gave: the tool in it, or that of the project, wants its environment.
func (s *scan) given(pkg packageJSON) start {
	begin := start{command: s.role.command}
	begin.tool, _, _ = toolOf(s.role.command)
	for _, t := range browserTools {
		if begin.tool.name == "" && slices.ContainsFunc(t.packages, pkg.depends) {
			begin.tool = t
		}
	}
	return begin
}

// nodeKind names the framework.
func (s *scan) nodeKind(pkg packageJSON, begin start) string {
	names := []string{pkg.browser(), begin.tool.name}
	if s.role.backend {
		names = []string{pkg.server(), begin.tool.name, pkg.browser()}
	}
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	return "Node"
}

// withoutScripts takes the scripts out of the manifests that an install would run, before the source is there for
// them. The source brings the manifests back as they were.
const withoutScripts = `const fs = require("fs"), path = require("path");
const names = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
const walk = dir => fs.readdirSync(dir, { withFileTypes: true }).forEach(entry => {
  const file = path.join(dir, entry.name);
  if (entry.isDirectory() && entry.name !== "node_modules") walk(file);
  if (entry.name !== "package.json") return;
  const manifest = JSON.parse(fs.readFileSync(file, "utf8"));
  names.forEach(name => delete (manifest.scripts || {})[name]);
  fs.writeFileSync(file, JSON.stringify(manifest, null, 2));
});
walk(".");`

// nodeSteps install the packages, from the manifests alone where that can be.
func (s *scan) nodeSteps(pkg, lead packageJSON, shared folder, m manager) ([]spec.Step, error) {
	if !shared.has("package.json") { // the user gave a command, and there is nothing to install
		return nil, nil
	}
	patterns := workspaces(shared, lead)
	workspace := len(patterns) > 0
	files := m.files(workspace)
	for _, each := range []packageJSON{lead, pkg} {
		for _, at := range each.local() {
			if err := outside(each.path, shared.dir, at); err != nil {
				return nil, err
			}
			if files[0] != "**" {
				s.noteWhole(each.path, "it depends on "+at)
			}
			files = []string{"**"}
		}
	}
	steps := m.install(files)
	if files[0] == "**" || !workspace && !pkg.hasInstallScripts() {
		return steps, nil
	}
	last := len(steps) - 1
	steps = append(steps[:last:last],
		spec.Step{Files: files, Command: []string{"node", "-e", withoutScripts}},
		spec.Step{Command: steps[last].Command})
	// Then the scripts, with the source.
	scripts := lead.installScripts()
	for _, name := range scripts {
		steps = append(steps, spec.Step{Files: []string{"**"}, Command: m.run(name)})
	}
	if workspace {
		steps = append(steps, m.runInMembers(hasMembers(shared, patterns), "postinstall", "prepare")...)
	}
	if len(scripts) > 0 {
		s.note("%s: its scripts %s get the whole source, so they are run anew after every edit", lead.path, and(scripts))
	}
	return steps, nil
}
