package python

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"dagger/stack/internal/source/detect/tree"
)

// pyproject is what is read of a pyproject.toml.
type pyproject struct {
	Project struct {
		Name           string
		RequiresPython string `toml:"requires-python"`
		Dependencies   []string
		Dynamic        []string
		Optional       map[string][]string `toml:"optional-dependencies"`
		Scripts        map[string]string
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
			Extras         map[string][]string
			Scripts        map[string]any
			Group          map[string]struct {
				Optional     bool
				Dependencies map[string]any
			}
		}
		FastAPI struct{ Entrypoint string } `toml:"fastapi"`
	}
}

// readTOML reads a file of a folder. Without the file the value is empty.
func readTOML[T any](f tree.Folder, name string) (value T, err error) {
	if err = toml.Unmarshal([]byte(f.Read(name)), &value); err != nil {
		err = fmt.Errorf("cannot read %s: %w", f.Path(name), err)
	}
	return value, err
}

// hasDependencies tells a project from a file that only configures tools.
func (p pyproject) hasDependencies() bool {
	return len(p.Project.Dependencies) > 0 || len(p.Project.Dynamic) > 0 || len(p.Tool.Poetry.Dependencies) > 0
}

// Names are what a folder's pyproject.toml calls the project.
func Names(f tree.Folder) []string {
	p, err := readTOML[pyproject](f, "pyproject.toml")
	if err != nil {
		return nil
	}
	return []string{p.Project.Name, p.Tool.Poetry.Name}
}

// module is the name that the project's package most likely has.
func (p pyproject) module() string {
	return strings.ReplaceAll(normal(cmp.Or(p.Project.Name, p.Tool.Poetry.Name)), "-", "_")
}

// requirements are the dependencies as pip takes them, with the group "dev": settings often import a debug toolbar, and a
// development stack has what a developer has.
func (p pyproject) requirements() []string {
	return slices.Concat(p.Project.Dependencies, p.group("dev", map[string]bool{}))
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
