package python

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/spec"
)

// build is how a Python project's packages come into its virtual environment.
type build struct {
	tool     string // pip, uv, poetry or pipenv
	manifest string // the file that names the packages
	dir      string // folder of the project that the build takes
	names    map[string]bool
	versions map[string]string // the least versions of some
	env      []string          // NAME=VALUE
	caches   []spec.Cache
	folders  []string
	steps    []spec.Step
}

func (b build) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return b.names[name] })
}

// frameworks are those whose application object a server is told, the likeliest first.
var frameworks = []string{"FastAPI", "Flask", "Litestar", "Quart", "Sanic", "Starlette"}

// take notes a package as Poetry's and Pipenv's tables have it: "^2", or a table. It is the folder that the package comes from, if it comes
// from one.
func (b *build) take(name string, how any) (at string) {
	b.names[normal(name)] = true
	table, _ := how.(map[string]any)
	extras, _ := table["extras"].([]any)
	for _, extra := range extras {
		b.names[fmt.Sprintf("%s[%v]", normal(name), extra)] = true
	}
	if table["git"] != nil {
		b.names[fromGit] = true
	}
	at, _ = table["path"].(string)
	return at
}

// framework is the first of several that is among the packages, "" when none is.
func (b build) framework(among ...string) string {
	if i := slices.IndexFunc(among, func(name string) bool { return b.has(strings.ToLower(name)) }); i >= 0 {
		return among[i]
	}
	return ""
}

// install finds out which tool installs the packages. A lockfile says more than a list of requirements, and that list
// more than a manifest.
func (l *look) install() error {
	l.build = build{
		tool: "pip", dir: l.Dir, names: map[string]bool{}, versions: map[string]string{},
		env:    []string{"PIP_CACHE_DIR=/cache/pip", "PIP_DISABLE_PIP_VERSION_CHECK=1"},
		caches: []spec.Cache{{Name: "pip", Path: "/cache/pip"}},
	}
	list := l.First(slices.Concat(l.forProduction(), lists)...)
	switch {
	case l.Has("uv.lock"):
		return l.uv()
	case l.Has("poetry.lock"):
		return l.poetry()
	case l.inUVWorkspace():
		return l.uvWorkspace()
	case l.Has("Pipfile.lock"):
		return l.pipenv()
	case list != "":
		return l.pip(list)
	case l.Has("Pipfile"):
		return l.pipenv()
	case l.project.Tool.UV != nil && len(l.project.Tool.UV.Sources) > 0: // that only uv understands
		return l.uv()
	case len(l.project.Project.Dependencies) == 0 && len(l.project.Tool.Poetry.Dependencies) > 0:
		return l.poetry()
	case slices.Contains(l.project.Project.Dynamic, "dependencies"):
		l.build.manifest = l.Path("pyproject.toml")
		l.build.steps = []spec.Step{{Files: []string{"**"}, Command: []string{"pip", "install", "."}}}
		l.NoteWhole(l.build.manifest, "its dependencies are dynamic")
		return nil
	case l.project.hasDependencies():
		return l.pipProject()
	}
	l.build.manifest = l.First("pyproject.toml")
	l.Note("%s: no requirements.txt and no dependencies in a pyproject.toml: nothing is installed for the %s", l.Quoted(), l.Role.Name)
	return nil
}

// forProduction are lists of requirements that count first in a production image.
func (l *look) forProduction() []string {
	if !l.Role.Production {
		return nil
	}
	return []string{"requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt"}
}

// pip installs a list of requirements.
func (l *look) pip(list string) error {
	found, err := readRequirements(l.Folder, list)
	if err != nil {
		return err
	}
	l.build.manifest, l.build.names, l.build.versions = l.Path(list), found.names, found.versions
	if l.build.dir, err = l.Common(l.Path("requirements.txt"), found.paths...); err != nil {
		return err
	}
	step := spec.Step{Files: found.files, Command: []string{"pip", "install", "-r", list}}
	if found.local != "" {
		step.Files = []string{"**"}
		l.NoteWhole(l.build.manifest, "it installs from "+found.local)
	}
	l.build.steps = []spec.Step{step}
	return nil
}

// pipProject installs what a pyproject.toml depends on. pip would install the project with it, which needs the source; so
// the command names the packages.
func (l *look) pipProject() error {
	l.build.manifest = l.Path("pyproject.toml")
	list := requirements{names: l.build.names, versions: l.build.versions}
	step := spec.Step{Command: []string{"pip", "install"}}
	dependencies := l.project.requirements()
	extras, groups := l.project.wanted(l.names(dependencies))
	for _, extra := range extras {
		dependencies = append(dependencies, l.project.Project.Optional[extra]...)
	}
	for _, group := range groups {
		dependencies = append(dependencies, l.project.group(group, map[string]bool{})...)
	}
	for _, dependency := range dependencies {
		if at := localPath(dependency); at != "" {
			if err := l.takeIn(at, &step); err != nil {
				return err
			}
		}
		list.add(dependency)
		step.Command = append(step.Command, dependency)
	}
	if len(step.Command) > 2 {
		l.build.steps = []spec.Step{step}
	}
	return nil
}

// takeIn has the build take in a folder that a package is installed from, and all of the source with it.
func (l *look) takeIn(at string, step *spec.Step) error {
	dir, err := l.Common(l.build.manifest, at)
	if err != nil {
		return err
	}
	l.build.dir = dir
	step.Files = []string{"**"}
	l.NoteWhole(l.build.manifest, "it depends on "+at)
	return nil
}

// bring makes a virtual environment for a package manager, apart from the project's: there the manager would uninstall
// itself.
func (b *build) bring(tool, requirement string, env ...string) {
	b.tool = tool
	b.env = append(b.env, env...)
	b.caches = append(b.caches, spec.Cache{Name: tool, Path: "/cache/" + tool})
	b.folders = append(b.folders, scan.Tools)
	b.steps = append(b.steps,
		spec.Step{Command: []string{"python", "-m", "venv", scan.Tools}},
		spec.Step{Command: []string{scan.Tools + "/bin/pip", "install", requirement}},
	)
}

// operator puts "==" in front of a version that has no operator.
func operator(version string) string {
	if version[0] >= '0' && version[0] <= '9' {
		return "==" + version
	}
	return version
}
