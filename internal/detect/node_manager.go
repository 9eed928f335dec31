package detect

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/spec"
)

// manager is the package manager of a Node project.
type manager struct {
	name    string // npm, pnpm or yarn
	version string // to install, "": the newest that reads the lockfile; npm is the image's
	lock    string // the lockfile, "" if there is none
	berry   bool   // yarn 2 and later
	exact   bool   // the version is the project's choice
}

// named is a package manager as packageManager names it: pnpm@9.1.0+sha512.…
var named = regexp.MustCompile(`^(npm|pnpm|yarn|bun|deno)(?:@([^+\s]+))?`)

// manager finds out which one a folder's lockfile was written by.
func (s *scan) manager(f folder, pkg packageJSON) (manager, error) {
	locks := map[string]string{
		"pnpm": f.first("pnpm-lock.yaml"), "yarn": f.first("yarn.lock"), "npm": f.first("package-lock.json", "npm-shrinkwrap.json"),
	}
	var m manager
	if match := named.FindStringSubmatch(pkg.asksFor()); match != nil {
		m.name, m.version, m.exact = match[1], match[2], match[2] != ""
	} else {
		m.name = "npm"
		if f.has(".yarnrc.yml") {
			m.name = "yarn"
		}
		if f.has("pnpm-workspace.yaml") {
			m.name = "pnpm"
		}
		for _, name := range []string{"npm", "yarn", "pnpm"} { // a stray "npm install" leaves its lockfile beside another
			if locks[name] != "" {
				m.name = name
			}
		}
		if bun := f.first("bun.lock", "bun.lockb"); bun != "" && locks[m.name] == "" {
			s.note("%s is not read: npm installs what %s asks for, in versions chosen anew", f.path(bun), pkg.path)
		}
	}
	if m.name == "bun" || m.name == "deno" {
		return m, fmt.Errorf("%s asks for %s as its package manager: known are npm, pnpm and yarn: ask for one of them, or add a Dockerfile", pkg.path, m.name)
	}
	m.lock = locks[m.name]
	for _, other := range []string{"npm", "pnpm", "yarn"} {
		if m.lock != "" && other != m.name && locks[other] != "" {
			s.note("%s has %s and %s: %s is used", f.quoted(), locks[m.name], locks[other], m.name)
		}
	}
	if m.name == "pnpm" && m.version == "" {
		m.version = pnpmVersion(f.read("pnpm-lock.yaml"))
	}
	if m.name == "yarn" {
		m.yarn(f)
	}
	return m, nil
}

// asksFor is the package manager that the manifest names, with its version.
func (p packageJSON) asksFor() string {
	var dev struct {
		PackageManager struct{ Name, Version string }
	}
	_ = json.Unmarshal(p.DevEngines, &dev)
	switch {
	case p.PackageManager != "":
		return p.PackageManager
	case dev.PackageManager.Name != "":
		return strings.TrimSuffix(dev.PackageManager.Name+"@"+dev.PackageManager.Version, "@")
	case p.Volta.Pnpm != "":
		return "pnpm@" + p.Volta.Pnpm
	case p.Volta.Yarn != "":
		return "yarn@" + p.Volta.Yarn
	}
	return ""
}

var pnpmFormat = regexp.MustCompile(`(?m)^lockfileVersion: '?([\d.]+)`)

// pnpmVersion is the newest pnpm that installs from a lockfile as it is.
func pnpmVersion(lock string) string {
	match := pnpmFormat.FindStringSubmatch(lock)
	switch {
	case match == nil:
		return "10"
	case match[1] == "9.0": // 9 and later; 11 turned packages' build scripts that nobody approved into an error
		return "10"
	case strings.HasPrefix(match[1], "6"):
		return "8"
	case strings.HasPrefix(match[1], "5"):
		return "7"
	}
	return "latest"
}

// yarnVersions are the newest that write a lockfile of some format. A newer one rewrites it when it installs, and runs
// no script beside one that is not rewritten.
var (
	yarnFormat   = regexp.MustCompile(`(?m)^__metadata:\r?\n  version: (\d+)`)
	yarnVersions = map[string]string{"4": "2", "5": "3.1", "6": "3", "8": "4.13", "9": "4.14"}
)

// yarn tells the two yarns apart, which share little but the name.
func (m *manager) yarn(f folder) {
	major := strings.TrimLeft(m.version, "^~>=v")
	m.berry = m.version != "" && !strings.HasPrefix(major, "1.") && major != "1"
	if m.version == "" {
		lock := f.read("yarn.lock")
		m.berry = f.has(".yarnrc.yml") || yarnFormat.MatchString(lock)
		m.version = "1"
		if m.berry {
			m.version = "4"
		}
		if match := yarnFormat.FindStringSubmatch(lock); match != nil && yarnVersions[match[1]] != "" {
			m.version = yarnVersions[match[1]]
		}
	}
}

// install are the steps that bring the manager and the packages.
func (m manager) install(files []string) []spec.Step {
	switch {
	case m.name == "pnpm":
		command := []string{"pnpm", "install", "--store-dir", "/cache/pnpm"}
		if m.lock != "" {
			command = append(command, "--frozen-lockfile")
		}
		return []spec.Step{m.bring("pnpm"), {Files: files, Command: command}}
	case m.berry:
		command := []string{"yarn", "install"}
		if m.exact && m.lock != "" { // another version might want to rewrite the lockfile
			command = append(command, "--immutable")
		}
		return []spec.Step{m.bring("@yarnpkg/cli-dist"), {Files: files, Command: command}}
	case m.name == "yarn":
		command := []string{"yarn", "install", "--non-interactive"}
		if m.lock != "" {
			command = append(command, "--frozen-lockfile")
		}
		return []spec.Step{m.bring("yarn"), {Files: files, Command: command}}
	case m.lock != "":
		return []spec.Step{{Files: files, Command: []string{"npm", "ci"}}}
	}
	return []spec.Step{{Files: files, Command: []string{"npm", "install"}}}
}

// bring installs the manager itself. Not with Corepack: Node's images have it no longer since 25, and it would have to
// write where only root can.
func (m manager) bring(pkg string) spec.Step {
	return spec.Step{Command: []string{"npm", "install", "--global", "--prefix", tools, pkg + "@" + m.version}}
}

// files are the patterns of what installing reads.
func (m manager) files(workspace bool) []string {
	files := []string{"package.json", ".npmrc"}
	if workspace {
		files = append(files, "**/package.json")
	}
	switch {
	case m.name == "pnpm":
		return append(files, "pnpm-lock.yaml", "pnpm-workspace.yaml", ".pnpmfile.cjs", "patches/**")
	case m.berry:
		return append(files, "yarn.lock", ".yarnrc.yml", ".yarn/**")
	case m.name == "yarn":
		return append(files, "yarn.lock", ".yarnrc", ".yarn/**")
	}
	return append(files, "package-lock.json", "npm-shrinkwrap.json")
}

// env points the manager at its cache. What is written there by one build is there for the next.
func (m manager) env() ([]spec.BuildVariable, []spec.Cache) {
	env := []spec.BuildVariable{
		{Name: "npm_config_cache", Value: "/cache/npm"},
		{Name: "npm_config_update_notifier", Value: "false"},
		{Name: "npm_config_fund", Value: "false"},
		{Name: "npm_config_audit", Value: "false"},
	}
	caches := []spec.Cache{{Name: "npm", Path: "/cache/npm"}}
	switch {
	case m.berry:
		// Without node_modules, its other way, packages would be run from a cache that a running service has not.
		env = append(env, spec.BuildVariable{Name: "YARN_NODE_LINKER", Value: "node-modules"}, spec.BuildVariable{Name: "YARN_ENABLE_GLOBAL_CACHE", Value: "true"},
			spec.BuildVariable{Name: "YARN_GLOBAL_FOLDER", Value: "/cache/yarn"})
		caches = append(caches, spec.Cache{Name: "yarn", Path: "/cache/yarn"})
	case m.name == "yarn":
		env = append(env, spec.BuildVariable{Name: "YARN_CACHE_FOLDER", Value: "/cache/yarn"})
		caches = append(caches, spec.Cache{Name: "yarn", Path: "/cache/yarn"})
	case m.name == "pnpm":
		caches = append(caches, spec.Cache{Name: "pnpm", Path: "/cache/pnpm"})
	}
	return env, caches
}

// run is the command for a script of the manifest.
func (m manager) run(script string, args ...string) []string {
	command := []string{m.name, "run", script}
	if m.name == "npm" && len(args) > 0 {
		command = append(command, "--")
	}
	return append(command, args...)
}

// runIn is the same for a manifest in a folder below.
func (m manager) runIn(dir, script string) []string {
	switch {
	case dir == ".":
		return m.run(script)
	case m.name == "npm":
		return []string{"npm", "--prefix", dir, "run", script}
	case m.name == "pnpm":
		return []string{"pnpm", "--dir", dir, "run", script}
	}
	return []string{"yarn", "--cwd", dir, "run", script}
}

// runInMembers runs scripts wherever the members of a workspace have them. yarn can do that only with a plugin, and npm
// wants a member.
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

// workspaces are the patterns of the folders that share a root's lockfile.
func workspaces(root folder, pkg packageJSON) []string {
	// pnpm keeps them in a YAML file, in a list of its first level: not worth a parser.
	in, patterns := false, pkg.Workspaces
	for line := range strings.Lines(root.read("pnpm-workspace.yaml")) {
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

// hasMembers says whether some folder matches the patterns, as far as their first parts tell.
func hasMembers(root folder, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		dir := path.Clean(pattern)
		if at := strings.IndexAny(dir, "*?[{"); at >= 0 {
			dir = path.Dir(dir[:at] + "x")
			return (dir == "." || root.hasDir(dir)) && len(root.sub(dir).list().dirs) > 0
		}
		return root.hasDir(dir)
	})
}

// isMember says whether a folder is in a workspace.
func isMember(dir string, patterns []string) bool {
	var clean []string
	for _, pattern := range patterns {
		clean = append(clean, strings.TrimPrefix(pattern, "./"))
	}
	member, err := patternmatcher.MatchesOrParentMatches(dir, clean)
	return member && err == nil
}
