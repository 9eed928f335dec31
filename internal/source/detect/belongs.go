package detect

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/tree"
)

// belongs is the role that a folder's files give to what is in it, "" if they leave it to the folder's name.
func belongs(f tree.Folder) string {
	if isProject(f) {
		return backendName
	}
	pkg, err := node.ReadManifest(f)
	if err != nil || !f.Has("package.json") {
		return ""
	}
	browser, server := pkg.Browser() != "", pkg.Server() != ""
	switch {
	case browser && (server || pkg.ServesPages()):
		return ""
	case browser:
		return frontendName
	case server:
		return backendName
	}
	return ""
}

// candidates are the folders in which a service of the role is looked for by name: those of the role's own names, then those of the
// other role's whose files say that they are of this one.
func (r role) candidates(root tree.Folder, others []string) (dirs []string) {
	for _, dir := range r.dirs {
		if !root.HasDir(dir) {
			continue
		}
		dir = r.inner(root, dir)
		if is := belongs(root.Sub(dir)); is == "" || is == r.Name {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range others {
		if root.HasDir(dir) && belongs(root.Sub(dir)) == r.Name {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// inner is the folder that a service is in: the one below, where a folder of a usual name holds nothing but that.
func (r role) inner(root tree.Folder, dir string) string {
	f := root.Sub(dir)
	if f.First(r.markers...) != "" || slices.ContainsFunc(f.List().Files, func(file string) bool {
		return slices.Contains(sources(), path.Ext(file)) || strings.Contains(file, "compose") // which says more
	}) {
		return dir
	}
	var inner []string
	for _, name := range f.List().Dirs {
		if !root.Ignores(name) && f.Sub(name).First(r.markers...) != "" {
			inner = append(inner, path.Join(dir, name))
		}
	}
	if len(inner) == 1 {
		return inner[0]
	}
	return dir
}

// below are the folders that hold the parts of a repository of several: members of its workspace, and what is in folders of usual
// names.
func below(root tree.Folder) (dirs []string) {
	add := func(all ...string) {
		for _, dir := range all {
			if !slices.Contains(dirs, dir) && !root.Ignores(path.Base(dir)) && path.Base(dir)[0] != '.' {
				dirs = append(dirs, dir)
			}
		}
	}
	if pkg, err := node.ReadManifest(root); err == nil {
		add(node.Members(root, pkg)...)
	}
	for _, parent := range []string{"apps", "services", "packages", "projects", "src"} {
		if root.HasDir(parent) {
			for _, dir := range root.Sub(parent).List().Dirs {
				add(path.Join(parent, dir))
				add(parts(root, path.Join(parent, dir))...)
			}
		}
	}
	const most = 40 // each is a call to the engine
	return dirs[:min(len(dirs), most)]
}

// parents are names of folders that hold the parts of one language, as in src/js/web.
var parents = []string{"js", "javascript", "ts", "typescript", "node", "py", "python", "go", "golang"}

// parts are the folders below one that is called as a language.
func parts(root tree.Folder, dir string) (dirs []string) {
	if slices.Contains(parents, path.Base(dir)) {
		for _, name := range root.Sub(dir).List().Dirs {
			dirs = append(dirs, path.Join(dir, name))
		}
	}
	return dirs
}

// likely are those of the folders that the role's service may be in, the likeliest first.
func (r role) likely(root tree.Folder, dirs []string) (likely []string) {
	is := map[string]string{}
	for _, dir := range dirs {
		f := root.Sub(dir)
		pkg, err := node.ReadManifest(f)
		if err != nil || f.Has("package.json") && !pkg.Starts() { // a library, most likely
			continue
		}
		is[dir] = belongs(f)
		if is[dir] == "" && pkg.ServesPages() {
			is[dir] = frontendName
		}
	}
	for _, name := range r.dirs {
		for _, dir := range dirs {
			if got, known := is[dir]; known && path.Base(dir) == name && (got == "" || got == r.Name) {
				likely = append(likely, dir)
			}
		}
	}
	for _, dir := range dirs {
		if is[dir] == r.Name && !slices.Contains(likely, dir) {
			likely = append(likely, dir)
		}
	}
	return likely
}

// notServices are folders that hold no service of the stack's, whatever they look like.
var notServices = []string{"docs", "doc", "website", "examples", "example", "samples", "tests", "test", "e2e", "scripts", "tools", "infra", "deploy",
	"deployment", "k8s", "terraform", "mobile", "desktop", "node_modules", "vendor", "apps", "services", "packages", "projects", "src"}
