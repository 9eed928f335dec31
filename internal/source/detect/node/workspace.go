package node

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/source/detect/tree"
)

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
		dir, wild := tree.Beginning(path.Clean(pattern))
		if wild {
			return (dir == "." || root.HasDir(dir)) && len(root.Sub(dir).List().Dirs) > 0
		}
		return root.HasDir(dir)
	})
}

// Members are the folders of a workspace, as seen from the project's root.
func Members(root tree.Folder, pkg Manifest) (dirs []string) {
	for _, pattern := range workspaces(root, pkg) {
		if strings.HasPrefix(pattern, "!") {
			continue
		}
		pattern = path.Clean(pattern)
		above, wild := tree.Beginning(pattern)
		if !root.HasDir(above) && !(wild && above == ".") {
			continue
		}
		if !wild {
			dirs = append(dirs, root.Path(above))
			continue
		}
		for _, name := range root.Sub(above).List().Dirs {
			below := path.Join(above, name)
			if matches, _ := path.Match(pattern, below); (matches || strings.Contains(pattern, "**")) && !root.Ignores(name) && root.Sub(below).Has("package.json") {
				dirs = append(dirs, root.Path(below))
			}
		}
	}
	return dirs
}

// findLead finds the nearest folder above a service whose workspace the service is a member of, and its manifest; the service's own folder if
// there is none.
func (l look) findLead() (tree.Folder, Manifest, error) {
	for _, above := range l.Above()[1:] {
		pkg, err := ReadManifest(above)
		if err != nil {
			return above, pkg, err
		}
		patterns := workspaces(above, pkg)
		if member, _ := patternmatcher.MatchesOrParentMatches(tree.Relative(above.Dir, l.Dir), patterns); member {
			return above, pkg, nil
		}
	}
	return l.Folder, l.pkg, nil
}

// member is another package of the workspace that the service is made of.
type member struct {
	dir string // below the workspace's root
	pkg Manifest
}

// made are the members that have to be built before the service runs, each after those that it is made of: a package whose main file
// is made by its script build, and that is not there.
func (l look) made() (found []member) {
	for _, part := range l.members {
		if part.pkg.scripts["build"] != "" && part.pkg.isMade(l.shared.Sub(part.dir)) {
			found = append(found, part)
		}
	}
	return found
}

// hasDatabase says whether the service, or a member that it is made of, has a client of a database.
func (l look) hasDatabase() bool {
	return slices.ContainsFunc(databaseClients, l.pkg.depends) || slices.ContainsFunc(l.members, func(part member) bool {
		return slices.ContainsFunc(databaseClients, part.pkg.depends)
	})
}

// findMembers finds those that the service is made of.
func (l look) findMembers() (found []member) {
	if l.shared.Dir == l.Dir {
		return nil
	}
	byName := map[string]member{}
	const most = 40 // each is a call to the engine
	members := Members(l.shared, l.lead)
	for _, dir := range members[:min(len(members), most)] {
		if pkg, err := ReadManifest(l.shared.At(dir)); err == nil && pkg.Name != "" {
			byName[pkg.Name] = member{tree.Relative(l.shared.Dir, dir), pkg}
		}
	}
	seen := map[string]bool{l.pkg.Name: true}
	var visit func(pkg Manifest)
	visit = func(pkg Manifest) {
		for _, all := range []map[string]string{pkg.dependencies, pkg.devDependencies} {
			for _, name := range sortedNames(all) {
				part, known := byName[name]
				if !known || seen[name] {
					continue
				}
				seen[name] = true
				visit(part.pkg)
				found = append(found, part)
			}
		}
	}
	visit(l.pkg)
	return found
}

// isMade says whether a package's main file is one that a build makes.
func (p Manifest) isMade(f tree.Folder) bool {
	return slices.ContainsFunc(p.built, func(name string) bool {
		name = path.Clean(name)
		return made.MatchString("/"+name) && !f.Has(name)
	})
}
