package detect

import (
	"encoding/json"
	"io/fs"
	"path"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Names are what a project calls itself, by the manifests in its root. A manifest that cannot be read says nothing here: whoever needs it
// says what is wrong.
func Names(fsys fs.FS) (names []string) {
	read := func(name string) []byte {
		data, _ := fs.ReadFile(fsys, name) // mostly it is not there
		return data
	}
	var node struct{ Name string }
	_ = json.Unmarshal(read("package.json"), &node)
	var python struct {
		Project struct{ Name string }
		Tool    struct{ Poetry struct{ Name string } }
	}
	_ = toml.Unmarshal(read("pyproject.toml"), &python)
	goModule, _, _ := module.SplitPathVersion(modfile.ModulePath(read("go.mod")))
	for _, name := range []string{node.Name, python.Project.Name, python.Tool.Poetry.Name, goModule} {
		if name != "" {
			names = append(names, path.Base(name))
		}
	}
	return names
}
