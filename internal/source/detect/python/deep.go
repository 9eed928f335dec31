package python

import (
	"path"
	"slices"
	"strings"
)

// moduleFiles are the files that usually hold an application.
var moduleFiles = []string{"main.py", "app.py", "api.py", "server.py", "asgi.py", "wsgi.py", "run.py", "application.py", "index.py", "__init__.py"}

// deep looks for the application in all folders below, those of the project's own package first: for layouts that are not usual.
func (l *look) deep() object {
	const most, depth = 60, 5 // each folder is a call to the engine
	queue, seen := []string{"."}, 0
	for len(queue) > 0 && seen < most {
		dir := queue[0]
		queue = queue[1:]
		seen++
		sub := l.Sub(dir)
		for _, name := range moduleFiles {
			if !sub.Has(name) || dir == "." {
				continue
			}
			found, ok := l.build.object(sub.Read(name))
			if !ok {
				continue
			}
			found.file = path.Join(dir, name)
			found.pathDir = l.packageRoot(dir)
			below := strings.TrimPrefix(strings.TrimPrefix(dir, found.pathDir), "/")
			found.module = strings.Trim(strings.ReplaceAll(below, "/", ".")+"."+strings.TrimSuffix(name, ".py"), ".")
			found.module = strings.TrimSuffix(found.module, ".__init__")
			return found
		}
		if strings.Count(dir, "/") >= depth {
			continue
		}
		for _, name := range sub.List().Dirs {
			if !strings.HasPrefix(name, ".") && !slices.Contains(notModules, name) && !l.Ignores(name) {
				queue = append(queue, path.Join(dir, name))
			}
		}
	}
	return object{}
}

// packageRoot is the folder that Python has to search for the package in a folder: that above the project's own package, or else
// above the highest folder that is a package.
func (l *look) packageRoot(dir string) string {
	names := strings.Split(dir, "/")
	if at := slices.Index(names, l.project.module()); at >= 0 {
		return path.Join(names[:at]...)
	}
	root := dir
	for root != "." && l.Has(path.Join(root, "__init__.py")) {
		root = path.Dir(root)
	}
	if root == "." {
		return ""
	}
	return root
}
