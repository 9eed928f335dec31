// Package node says how a service in JavaScript is built and run: its packages beside the source, in node_modules.
package node

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// look is the look at the folder of a Node service.
type look struct {
	*scan.Scan
	pkg Manifest // of the service
	// The packages are installed where the lockfile is: in the service's folder, or in the root of its workspace.
	shared  tree.Folder
	lead    Manifest // of shared
	manager manager
}

// Service is the service in a folder with a package.json, or with a command for Node.
func Service(s *scan.Scan) (*scan.Service, error) {
	l := look{Scan: s, shared: s.Folder}
	var err error
	if l.pkg, err = ReadManifest(s.Folder); err != nil {
		return nil, err
	}
	l.lead = l.pkg
	top, err := ReadManifest(s.Root)
	if err != nil {
		return nil, err
	}
	own := s.First("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb") != ""
	if member, _ := patternmatcher.MatchesOrParentMatches(s.Dir, workspaces(s.Root, top)); member && s.Dir != "." && !own {
		l.lead, l.shared = top, s.Root
	}
	asked, err := l.version()
	if err != nil {
		return nil, err
	}
	if l.manager, err = l.findManager(); err != nil {
		return nil, err
	}
	begin, err := l.start()
	if err != nil {
		return nil, err
	}
	steps, err := l.steps()
	if err != nil {
		return nil, err
	}
	if asked.Note != "" {
		s.Note("%s", asked.Note)
	}
	if begin.build {
		dir := "." // steps run where the lockfile is
		if l.shared.Dir != s.Dir {
			dir = s.Dir
		}
		steps = append(steps, spec.Step{Files: []string{"**"}, Command: l.manager.runIn(dir, "build")})
		s.Note("%s has no script that runs without a build: it is built anew after every edit; a script dev would not need that", l.pkg.path)
	}
	found := l.found(begin)
	found.Build.Image, found.Build.Steps = "node:"+asked.Tag+"-alpine", steps
	return found, nil
}

// found is the service without the image and the steps of its build.
func (l look) found(begin start) *scan.Service {
	found := l.Scan.Service(fmt.Sprintf("%s (%s)", l.kind(begin), l.manager.name), l.pkg.path)
	if l.manager.lock != "" {
		found.Why = l.shared.Path(l.manager.lock) + " and " + found.Why
	}
	found.Command = begin.command
	found.Workdir = l.Workdir(l.shared.Dir, "")
	bins := scan.Target + "/node_modules/.bin:" + scan.Tools + "/bin:${PATH}"
	if found.Workdir != scan.Target {
		bins = path.Join(found.Workdir, "node_modules/.bin") + ":" + bins
	}
	env, caches := l.manager.caching()
	env = slices.Concat([]string{"PATH=" + bins, "BROWSER=none"}, env, begin.tool.env) // BROWSER: dev servers open one
	found.Build = spec.Build{
		Dir: l.shared.Dir, Target: scan.Target, Env: l.Env(env...), Caches: caches, Folders: []string{scan.Home, scan.Tools},
		// Only node with a file is sure to write nothing beside the source.
		Scratch: !l.Role.Backend || !begin.plain,
	}
	if !l.Role.Backend {
		found.Build.Mutable = []string{"**/tsconfig.json", "**/*.d.ts", "**/*.gen.ts"}
		if l.pkg.oldVite() && begin.tool.name != "" {
			l.Note("%s: Vite 5 answers to localhost alone: for other services to reach it as %s, set server.allowedHosts in its configuration, or take Vite 6", l.pkg.path, l.Role.Name)
		}
	}
	return found
}

// kind names the framework.
func (l look) kind(begin start) string {
	if l.Role.Backend {
		return cmp.Or(l.pkg.Server(), begin.tool.name, l.pkg.Browser(), "Node")
	}
	return cmp.Or(l.pkg.Browser(), begin.tool.name, "Node")
}
