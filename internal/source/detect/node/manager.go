package node

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// manager is the package manager of a Node project.
type manager struct {
	kind
	version string // to install; npm is the image's
	lock    string // the lockfile, "" if there is none
	exact   bool   // the version is the project's choice
}

// kind is what differs between the package managers.
type kind struct {
	name    string
	pkg     string   // the package that brings the manager, "": the image does
	command []string // installs the packages
	frozen  string   // keeps the lockfile as it is
	files   []string // what the command reads besides the manifests
	env     []string
}

var (
	npm  = kind{name: "npm", command: []string{"npm", "install"}, files: []string{"package-lock.json", "npm-shrinkwrap.json"}}
	pnpm = kind{name: "pnpm", pkg: "pnpm", command: []string{"pnpm", "install", "--store-dir", "/cache/pnpm"}, frozen: "--frozen-lockfile",
		files: []string{"pnpm-lock.yaml", "pnpm-workspace.yaml", ".pnpmfile.cjs", "patches/**"}}
	yarn = kind{name: "yarn", pkg: "yarn", command: []string{"yarn", "install", "--non-interactive"}, frozen: "--frozen-lockfile",
		files: []string{"yarn.lock", ".yarnrc", ".yarn/**"}, env: []string{"YARN_CACHE_FOLDER=/cache/yarn"}}
	// berry is yarn 2 and later, which shares little with yarn 1 but the name. Its own way to install, without
	// node_modules, would leave the packages in a cache that a running service does not have.
	berry = kind{name: "yarn", pkg: "@yarnpkg/cli-dist", command: []string{"yarn", "install"}, frozen: "--immutable",
		files: []string{"yarn.lock", ".yarnrc.yml", ".yarn/**"},
		env:   []string{"YARN_NODE_LINKER=node-modules", "YARN_ENABLE_GLOBAL_CACHE=true", "YARN_GLOBAL_FOLDER=/cache/yarn"}}
)

var bun = kind{name: "bun", command: []string{"bun", "install"}, frozen: "--frozen-lockfile",
	files: []string{"bun.lock", "bun.lockb", "bunfig.toml", "patches/**"}, env: []string{"BUN_INSTALL_CACHE_DIR=/cache/bun"}}

// kinds are the package managers. Of several lockfiles, that of the last kind counts: a stray "npm install" leaves a
// lockfile beside another manager's.
var kinds = []kind{npm, bun, yarn, pnpm}

// named matches a package manager as packageManager names it: pnpm@9.1.0+sha512.…
var named = lazyregexp.New(`^(npm|pnpm|yarn|bun|deno)(?:@([^+\s]+))?`)

// findManager finds out which package manager wrote the lockfile.
func (l look) findManager() (manager, error) {
	f, pkg := l.shared, l.lead
	locks := map[string]string{
		"bun":  f.First("bun.lock", "bun.lockb"),
		"pnpm": f.First("pnpm-lock.yaml"), "yarn": f.First("yarn.lock"), "npm": f.First("package-lock.json", "npm-shrinkwrap.json"),
	}
	name := "npm"
	var m manager
	if match := named.FindStringSubmatch(pkg.asksFor()); match != nil {
		name, m.version, m.exact = match[1], match[2], match[2] != ""
	} else {
		if f.Has(".yarnrc.yml") {
			name = "yarn"
		}
		if f.Has("pnpm-workspace.yaml") {
			name = "pnpm"
		}
		locks = l.whole(f, locks)
		for _, kind := range kinds {
			if locks[kind.name] != "" {
				name = kind.name
			}
		}
	}
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return m, fmt.Errorf("%s asks for %s as its package manager: known are npm, pnpm, yarn and bun: ask for one of them, or add a Dockerfile", pkg.path, name)
	}
	m.kind, m.lock = kinds[i], locks[name]
	for _, other := range []string{"npm", "pnpm", "yarn", "bun"} {
		if m.lock != "" && other != name && locks[other] != "" {
			l.Note("%s has %s and %s: %s is used", f.Quoted(), locks[name], locks[other], name)
		}
	}
	switch name {
	case "pnpm":
		m.version = cmp.Or(m.version, pnpmVersion(f.Read("pnpm-lock.yaml")))
	case "yarn":
		m.whichYarn(f)
	}
	return m, nil
}

// asksFor is the package manager that the manifest names, with a version.
func (p Manifest) asksFor() string {
	var dev struct {
		PackageManager struct{ Name, Version string }
	}
	_ = json.Unmarshal(p.devEngines, &dev)
	switch {
	case p.packageManager != "":
		return p.packageManager
	case dev.PackageManager.Name != "":
		return strings.TrimSuffix(dev.PackageManager.Name+"@"+dev.PackageManager.Version, "@")
	case p.volta.Pnpm != "":
		return "pnpm@" + p.volta.Pnpm
	case p.volta.Yarn != "":
		return "yarn@" + p.volta.Yarn
	}
	return ""
}

var pnpmFormat = lazyregexp.New(`(?m)^lockfileVersion: '?([\d.]+)`)

// pnpmVersion is the newest pnpm that installs from a lockfile without changing the lockfile.
func pnpmVersion(lock string) string {
	match := pnpmFormat.FindStringSubmatch(lock)
	switch {
	case match == nil, match[1] == "9.0": // of 9 and later; 11 turned packages' build scripts that nobody approved into an error
		return "10"
	case strings.HasPrefix(match[1], "6"):
		return "8"
	case strings.HasPrefix(match[1], "5"):
		return "7"
	}
	return "latest"
}

// yarnVersions are the newest yarns that write each format of the lockfile. A yarn that is newer than the lockfile
// rewrites the lockfile when it installs, and runs no script until it has.
var (
	yarnFormat   = lazyregexp.New(`(?m)^__metadata:\r?\n  version: (\d+)`)
	yarnVersions = map[string]string{"4": "2", "5": "3.1", "6": "3", "8": "4.13", "9": "4.14"}
)

// whichYarn tells the two yarns apart.
func (m *manager) whichYarn(f tree.Folder) {
	if m.version != "" {
		if major := strings.TrimLeft(m.version, "^~>=v"); !strings.HasPrefix(major, "1.") && major != "1" {
			m.kind = berry
		}
		return
	}
	m.version = "1"
	match := yarnFormat.FindStringSubmatch(f.Read("yarn.lock"))
	if match == nil && !f.Has(".yarnrc.yml") {
		return
	}
	m.kind, m.version = berry, "4"
	if match != nil {
		m.version = cmp.Or(yarnVersions[match[1]], "4")
	}
}

// install are the steps that bring the manager and the packages. The manager does not come from Corepack: Node's images
// have no Corepack since 25, and Corepack would have to write where only root can.
func (m manager) install(files []string) []spec.Step {
	step := spec.Step{Files: files, Command: m.command}
	switch {
	case m.name == npm.name && m.lock != "":
		// npm ci refuses a lockfile that does not fit the manifest to the letter, which npm itself leaves behind at times.
		step.Command = []string{"sh", "-c", "npm ci || npm install"}
	case m.lock != "" && (m.pkg != berry.pkg || m.exact): // another berry might want to rewrite the lockfile
		step.Command = append(slices.Clone(m.command), m.frozen)
	}
	if m.pkg == "" {
		return []spec.Step{step}
	}
	return []spec.Step{{Command: []string{"npm", "install", "--global", "--prefix", scan.Tools, m.pkg + "@" + m.version}}, step}
}

// reads are the patterns of what installing reads.
func (m manager) reads(workspace bool) []string {
	files := []string{"package.json", ".npmrc"}
	if workspace {
		files = append(files, "**/package.json")
	}
	return append(files, m.files...)
}

// caching points the manager at its cache. What one build writes there is there for the next.
func (m manager) caching() ([]string, []spec.Cache) {
	env := []string{"npm_config_cache=/cache/npm", "npm_config_update_notifier=false", "npm_config_fund=false", "npm_config_audit=false"}
	caches := []spec.Cache{{Name: "npm", Path: "/cache/npm"}}
	if m.name != npm.name {
		caches = append(caches, spec.Cache{Name: m.name, Path: "/cache/" + m.name})
	}
	return append(env, m.env...), caches
}

// run is the command for a script of the manifest.
func (m manager) run(script string, args ...string) []string {
	command := []string{m.name, "run", script}
	if m.name == "npm" && len(args) > 0 {
		command = append(command, "--")
	}
	return append(command, args...)
}

// runIn is the command for a script of the manifest in a folder below.
func (m manager) runIn(dir, script string) []string {
	if dir == "." {
		return m.run(script)
	}
	flag := map[string]string{"npm": "--prefix", "pnpm": "--dir", "yarn": "--cwd", "bun": "--cwd"}[m.name]
	return []string{m.name, flag, dir, "run", script}
}

// exec is the command for a program of a package.
func (m manager) exec(words ...string) []string {
	how := []string{"npx", "--no-install"}
	switch m.name {
	case bun.name:
		how = []string{"bunx"}
	case pnpm.name:
		how = []string{"pnpm", "exec"}
	}
	return append(how, words...)
}

// runInMembers runs scripts in those members of a workspace that have them. yarn needs a plugin for that, and npm fails
// without a member.
func (m manager) runInMembers(some bool, scripts ...string) (steps []spec.Step) {
	for _, script := range scripts {
		switch {
		case m.name == "npm" && some:
			steps = append(steps, spec.Step{Files: []string{"**"}, Command: []string{"npm", "run", script, "--workspaces", "--if-present"}})
		case m.name == "pnpm":
			steps = append(steps, spec.Step{Files: []string{"**"}, Command: []string{"pnpm", "--recursive", "--if-present", "run", script}})
		}
	}
	return steps
}
