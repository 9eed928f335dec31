package detect

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// pyproject is what is read of a pyproject.toml.
type pyproject struct {
	Project struct {
		Name           string
		RequiresPython string `toml:"requires-python"`
		Dependencies   []string
		Dynamic        []string
	}
	Groups map[string][]any `toml:"dependency-groups"`
	Tool   struct {
		UV *struct {
			RequiredVersion string `toml:"required-version"`
			Workspace       *struct{ Members []string }
			Sources         map[string]any
		} `toml:"uv"`
		Poetry struct {
			Name           string
			Dependencies   map[string]any
			RequiresPoetry string `toml:"requires-poetry"`
		}
		FastAPI struct{ Entrypoint string } `toml:"fastapi"`
	}
}

// lockFile is what uv.lock and poetry.lock have in common.
type lockFile struct {
	Package []struct {
		Name   string
		Source map[string]any
	}
}

// readProject reads a folder's pyproject.toml. Without one it is empty.
func readProject(f folder) (pyproject, error) {
	var project pyproject
	if err := toml.Unmarshal([]byte(f.read("pyproject.toml")), &project); err != nil {
		return project, fmt.Errorf("cannot read %s: %w", f.path("pyproject.toml"), err)
	}
	return project, nil
}

func readLock(f folder, name string) (lockFile, error) {
	var lock lockFile
	if err := toml.Unmarshal([]byte(f.read(name)), &lock); err != nil {
		return lock, fmt.Errorf("cannot read %s: %w", f.path(name), err)
	}
	return lock, nil
}

// local are the packages that come from folders or files: their names, and where they are.
func (l lockFile) local() map[string]string {
	found := map[string]string{}
	for _, p := range l.Package {
		for _, kind := range []string{"editable", "directory", "path"} { // uv
			if at, ok := p.Source[kind].(string); ok && at != "." {
				found[p.Name] = at
			}
		}
		if kind := p.Source["type"]; kind == "directory" || kind == "file" { // Poetry
			found[p.Name], _ = p.Source["url"].(string)
		}
	}
	return found
}

// hasDependencies tells a project from a file that only configures tools.
func (p pyproject) hasDependencies() bool {
	return len(p.Project.Dependencies) > 0 || len(p.Project.Dynamic) > 0 || len(p.Tool.Poetry.Dependencies) > 0
}

func (p pyproject) name() string {
	if p.Project.Name != "" {
		return p.Project.Name
	}
	return p.Tool.Poetry.Name
}

// module is the name that the project's package most likely has.
func (p pyproject) module() string {
	return strings.ReplaceAll(normal(p.name()), "-", "_")
}

// requirements are the dependencies as pip takes them, those of the group "dev" among them: a settings file that
// imports a debug toolbar is not rare, and a development stack has what a developer has.
func (p pyproject) requirements() []string {
	return append(p.Project.Dependencies[:len(p.Project.Dependencies):len(p.Project.Dependencies)], p.group("dev", map[string]bool{})...)
}

func (p pyproject) group(name string, seen map[string]bool) (found []string) {
	if seen[name] {
		return nil
	}
	seen[name] = true
	for _, item := range p.Groups[name] {
		switch item := item.(type) {
		case string:
			found = append(found, item)
		case map[string]any:
			if include, ok := item["include-group"].(string); ok {
				found = append(found, p.group(include, seen)...)
			}
		}
	}
	return found
}

// isPython says whether a folder looks like a Python project.
func (f folder) isPython() bool {
	return f.first("requirements.txt", "manage.py", "pyproject.toml") != "" || f.requirementsDir() != ""
}

// isPythonProject says the same of a project's root, where a pyproject.toml may do no more than configure tools.
func isPythonProject(root folder) bool {
	project, err := readProject(root)
	return root.isPython() && (err != nil || project.hasDependencies() || root.first("requirements.txt", "manage.py", "uv.lock", "poetry.lock") != "")
}
