package python

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// serverScripts are the names that a manifest's scripts have when they start a server, the likeliest first.
var serverScripts = []string{"serve", "server", "start", "run", "dev", "web", "api", "app"}

// script is a command of the manifest that starts a server, as it is called without installing the project; nil if there is none. A
// script is taken if its name says so, or if it is the only one.
func (l *look) script() (name string, command []string, pathDir string) {
	all := map[string]string{}
	for name, value := range l.project.Tool.Poetry.Scripts {
		if text, ok := value.(string); ok {
			all[name] = text
		}
	}
	for name, text := range l.project.Project.Scripts {
		all[name] = text
	}
	names := append(slices.Clone(serverScripts), l.project.Project.Name, l.project.Tool.Poetry.Name)
	if i := slices.IndexFunc(names, func(name string) bool { return all[name] != "" }); i >= 0 {
		name = names[i]
	} else if len(all) == 1 {
		for name = range all {
		}
	}
	module, function, ok := strings.Cut(all[name], ":")
	if !ok {
		return "", nil, ""
	}
	function, _, _ = strings.Cut(strings.TrimSpace(function), " ") // extras may follow
	top, _, _ := strings.Cut(module, ".")
	if l.HasDir(path.Join("src", top)) || l.Has(path.Join("src", top+".py")) {
		pathDir = "src"
	} else if !l.HasDir(top) && !l.Has(top+".py") {
		return "", nil, "" // it comes from another package
	}
	first, _, _ := strings.Cut(function, ".")
	return name, []string{"python", "-c", fmt.Sprintf("from %s import %s; %s()", module, first, function)}, pathDir
}
