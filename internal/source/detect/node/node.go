// Package node says how a service in JavaScript is built and run: its packages beside the source, in node_modules.
package node

import (
	"cmp"
	"fmt"
	"path"
	"slices"

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
	members []member // that the service is made of, each after those that it is made of itself
	manager manager
	// buildDir is the folder that the build takes: shared, or one above it that holds what the packages come from.
	buildDir string
}

// common is the folder that holds the packages' folder and all folders that packages come from.
func (l look) common() (string, error) {
	if below, err := l.Common(l.pkg.path, l.pkg.local()...); err != nil || !l.shared.Contains(below) {
		return below, err
	}
	return (&scan.Scan{Folder: l.shared, Root: l.Root}).Common(l.lead.path, l.lead.local()...)
}

// lockfiles are those of all package managers.
var lockfiles = []string{"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"}

// Service is the service in a folder with a package.json, or with a command for Node.
func Service(s *scan.Scan) (*scan.Service, error) {
	l, err := lookAt(s)
	if err != nil {
		return nil, err
	}
	begin, err := l.start()
	if err != nil {
		_, bad := l.version()
		return nil, scan.All(bad, err)
	}
	if begin.bun && l.manager.name != bun.name {
		s.Note("%s is run with Bun: Bun installs its packages, too", l.pkg.path)
		l.manager = manager{kind: bun}
	}
	if s.Role.Production {
		made, why := l.production(begin)
		if why == "" {
			return l.producedBy(made, begin)
		}
		s.Note("%s: it is not built for production, and run as it is without --production: %s", l.pkg.path, why)
	}
	if begin.build {
		s.Note("%s has no script that runs without a build: it is built anew after every edit; a script dev would not need that", l.pkg.path)
	}
	return l.service(begin)
}

// Built is what the script "build" of a folder's package.json makes, for others to take.
func Built(s *scan.Scan) (spec.Build, error) {
	l, err := lookAt(s)
	if err != nil {
		return spec.Build{}, err
	}
	found, err := l.service(start{command: l.manager.run("build"), build: true})
	if err != nil {
		return spec.Build{}, err
	}
	return found.Build, nil
}

// lookAt reads the manifests.
func lookAt(s *scan.Scan) (l look, err error) {
	l = look{Scan: s, shared: s.Folder}
	if l.pkg, err = ReadManifest(s.Folder); err != nil {
		return l, err
	}
	l.lead = l.pkg
	if s.First(lockfiles...) == "" {
		if l.shared, l.lead, err = l.findLead(); err != nil {
			return l, err
		}
	}
	l.members = l.findMembers()
	l.manager, err = l.findManager()
	return l, err
}

// service is the service that is started so.
func (l look) service(begin start) (*scan.Service, error) {
	asked, err := l.version()
	if err != nil {
		return nil, err
	}
	steps, err := l.steps()
	if err != nil {
		return nil, err
	}
	if asked.Note != "" && l.manager.name != bun.name {
		l.Note("%s", asked.Note)
	}
	dir := tree.Relative(l.shared.Dir, l.Dir) // steps run where the lockfile is
	for _, part := range l.made() {
		steps = append(steps, spec.Step{Files: []string{"**"}, Command: l.manager.runIn(part.dir, "build")})
		l.Note("%s is made of %s, which is built before, anew after every edit", l.pkg.path, l.shared.Path(part.dir))
	}
	steps = append(steps, l.generate(dir)...)
	if begin.build {
		steps = append(steps, spec.Step{Files: []string{"**"}, Command: l.manager.runIn(dir, "build")})
	}
	if l.buildDir, err = l.common(); err != nil {
		return nil, err
	}
	found := l.found(begin)
	image := "node:" + asked.Tag
	if l.manager.name == bun.name {
		image = "oven/bun:" + cmp.Or(l.manager.version, "1")
	}
	found.Build.Image, found.Build.Steps = image+l.system(), scan.Within(tree.Relative(l.buildDir, l.shared.Dir), steps)
	return found, nil
}

// glibc are packages with programs that need GNU's C library, which Alpine does not have.
var glibc = []string{"wrangler", "workerd", "miniflare", "@cloudflare/vite-plugin", "@tensorflow/tfjs-node", "onnxruntime-node", "@huggingface/transformers", "@xenova/transformers"}

// system is the end of the image's tag.
func (l look) system() string {
	i := slices.IndexFunc(glibc, l.pkg.depends)
	if i < 0 {
		return "-alpine"
	}
	l.Note("%s has %s, which needs GNU's C library: the image is Debian's, and not Alpine's", l.pkg.path, glibc[i])
	return "-slim"
}

// found is the service without the image and the steps of its build.
func (l look) found(begin start) *scan.Service {
	found := l.Scan.Service(fmt.Sprintf("%s (%s)", l.kind(begin), l.manager.name), l.pkg.path)
	if l.manager.lock != "" {
		found.Why = l.shared.Path(l.manager.lock) + " and " + found.Why
	}
	found.Command = begin.command
	found.Pins = append([]string{".nvmrc", ".node-version", ".tool-versions", ".yarnrc.yml", "pnpm-workspace.yaml"}, lockfiles...)
	if l.Role.Backend {
		found.Migration = l.migrates()
	}
	found.Databases = l.hasDatabase()
	found.Heavy = slices.ContainsFunc(pageServers, l.pkg.depends)
	if port := l.listens(begin); port != 0 {
		found.Port = port
	}
	if !l.Role.Backend {
		found.Proxied, found.Proxies = l.proxied(found.Port)
	}
	found.Workdir = l.Workdir(l.buildDir, "")
	top := path.Join(scan.Target, tree.Relative(l.buildDir, l.shared.Dir))
	bins := path.Join(top, "node_modules/.bin") + ":" + scan.Tools + "/bin:${PATH}"
	if found.Workdir != top {
		bins = path.Join(found.Workdir, "node_modules/.bin") + ":" + bins
	}
	env, caches := l.manager.caching()
	env = slices.Concat([]string{"PATH=" + bins, "BROWSER=none"}, env, begin.tool.env) // BROWSER: dev servers open one
	if root, err := ReadManifest(l.shared); err == nil && (l.pkg.depends("cypress") || root.depends("cypress")) {
		env = append(env, "CYPRESS_INSTALL_BINARY=0") // a browser of half a GB, for tests that do not run in the service
	}
	found.Build = spec.Build{
		Dir: l.buildDir, Target: scan.Target, Env: scan.Env(found.Port, env...), Caches: caches, Folders: []string{scan.Home, scan.Tools},
		// Only node with a file and a server for its data is sure to write nothing beside the source.
		Scratch: !l.Role.Backend || !begin.plain || !found.Databases || slices.ContainsFunc(embedded, l.pkg.depends),
	}
	if !l.Role.Backend || l.pkg.Browser() != "" {
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
