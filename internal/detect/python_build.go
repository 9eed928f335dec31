package detect

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/spec"
)

// pythonBuild finds out who installs the packages. A lockfile says more than a list, and a list of requirements more
// than a manifest.
func (s *scan) pythonBuild(project pyproject) (pythonBuild, error) {
	build := pythonBuild{
		tool: "pip", dir: s.dir, names: map[string]bool{},
		env: []spec.BuildVariable{
			{Name: "PIP_CACHE_DIR", Value: "/cache/pip"},
			{Name: "PIP_DISABLE_PIP_VERSION_CHECK", Value: "1"},
		},
		caches: []spec.Cache{{Name: "pip", Path: "/cache/pip"}},
	}
	list := s.first("requirements.txt")
	if list == "" {
		list = s.requirementsDir()
	}
	switch {
	case s.has("uv.lock"):
		return build, s.uv(&build, project)
	case s.has("poetry.lock"):
		return build, s.poetry(&build, project)
	case s.inUVWorkspace():
		return build, s.uvWorkspace(&build, project)
	case list != "":
		return build, s.pip(&build, list)
	case project.Tool.UV != nil && len(project.Tool.UV.Sources) > 0: // that only uv understands
		return build, s.uv(&build, project)
	case len(project.Project.Dependencies) == 0 && len(project.Tool.Poetry.Dependencies) > 0:
		return build, s.poetry(&build, project)
	case slices.Contains(project.Project.Dynamic, "dependencies"):
		build.manifest = s.path("pyproject.toml")
		build.steps = []spec.Step{{Files: []string{"**"}, Command: []string{"pip", "install", "."}}}
		s.noteWhole(build.manifest, "its dependencies are dynamic")
		return build, nil
	case project.hasDependencies():
		return build, s.pipProject(&build, project)
	}
	build.manifest = s.first("pyproject.toml")
	s.note("%s: no requirements.txt and no dependencies in a pyproject.toml: nothing is installed for the %s", s.quoted(), s.role.name)
	return build, nil
}

// noteWhole says that the advantage of installing first is lost.
func (s *scan) noteWhole(manifest, why string) {
	s.note("%s: %s, so that packages are installed anew after every edit", manifest, why)
}

// pip installs a list of requirements.
func (s *scan) pip(build *pythonBuild, list string) error {
	found, err := readRequirements(s.folder, list)
	if err != nil {
		return err
	}
	build.manifest, build.names = s.path(list), found.names
	step := spec.Step{Files: found.files, Command: []string{"pip", "install", "-r", list}}
	if found.local != "" {
		step.Files = []string{"**"}
		s.noteWhole(build.manifest, "it installs from "+found.local)
	}
	build.steps = []spec.Step{step}
	return nil
}

// pipProject installs what a pyproject.toml depends on. pip itself can only do that together with the project, which
// would need the source; so the command names the packages.
func (s *scan) pipProject(build *pythonBuild, project pyproject) error {
	build.manifest = s.path("pyproject.toml")
	list := requirements{names: build.names}
	step := spec.Step{Command: []string{"pip", "install"}}
	for _, dependency := range project.requirements() {
		if at := localPath(dependency); at != "" {
			if err := outside(build.manifest, s.dir, at); err != nil {
				return err
			}
			step.Files = []string{"**"}
			s.noteWhole(build.manifest, "it depends on "+at)
		}
		list.add(dependency)
		step.Command = append(step.Command, dependency)
	}
	if len(step.Command) > 2 {
		build.steps = []spec.Step{step}
	}
	return nil
}

// install makes a virtual environment for a package manager, apart from the project's: it would uninstall itself there.
func (b *pythonBuild) install(tool, requirement string, env ...spec.BuildVariable) {
	b.tool = tool
	b.env = append(b.env, env...)
	b.caches = append(b.caches, spec.Cache{Name: tool, Path: "/cache/" + tool})
	b.folders = append(b.folders, tools)
	b.steps = append(b.steps,
		spec.Step{Command: []string{"python", "-m", "venv", tools}},
		spec.Step{Command: []string{tools + "/bin/pip", "install", requirement}},
	)
}

func (b *pythonBuild) installUV(project pyproject) {
	requirement := "uv"
	if project.Tool.UV != nil && project.Tool.UV.RequiredVersion != "" {
		requirement += operator(project.Tool.UV.RequiredVersion)
	}
	b.install("uv", requirement,
		spec.BuildVariable{Name: "UV_PROJECT_ENVIRONMENT", Value: venv},
		spec.BuildVariable{Name: "UV_CACHE_DIR", Value: "/cache/uv"},
		spec.BuildVariable{Name: "UV_LINK_MODE", Value: "copy"}, // the cache is another file system
		spec.BuildVariable{Name: "UV_PYTHON_DOWNLOADS", Value: "never"},
	)
}

// operator makes a specifier of a version that may stand alone.
func operator(version string) string {
	if version[0] >= '0' && version[0] <= '9' {
		return "==" + version
	}
	return version
}

// uv installs what uv.lock says, the group "dev" with it, as uv itself does by default.
func (s *scan) uv(build *pythonBuild, project pyproject) error {
	build.manifest = s.path("pyproject.toml")
	lock, err := readLock(s.folder, "uv.lock")
	if err != nil {
		return err
	}
	build.installUV(project)
	sync := []string{tools + "/bin/uv", "sync", "--no-install-project"}
	step := spec.Step{Files: []string{"pyproject.toml", "uv.lock"}}
	if s.has("uv.lock") {
		build.manifest = s.path("uv.lock")
		build.know(lock)
		sync = append(sync, "--frozen")
		if project.Tool.UV != nil && project.Tool.UV.Workspace != nil {
			step.Files = append(step.Files, "**/pyproject.toml")
		}
	} else {
		s.note("%s has sources that only uv knows, and there is no uv.lock: versions are chosen anew", build.manifest)
		list := requirements{names: build.names}
		for _, dependency := range project.requirements() {
			list.add(dependency)
		}
		for _, name := range slices.Sorted(maps.Keys(project.Tool.UV.Sources)) {
			source, _ := project.Tool.UV.Sources[name].(map[string]any)
			if at, ok := source["path"].(string); ok {
				if err := outside(build.manifest, s.dir, at); err != nil {
					return err
				}
				step.Files = []string{"**"}
				s.noteWhole(build.manifest, "it depends on "+at)
			}
		}
	}
	local := lock.local()
	step.Command = slices.Clone(sync)
	for _, name := range slices.Sorted(maps.Keys(local)) {
		if err := outside(build.manifest, s.dir, local[name]); err != nil {
			return err
		}
		step.Command = append(step.Command, "--no-install-package", name)
	}
	build.steps = append(build.steps, step)
	if len(local) > 0 { // the rest, once the source is there
		build.steps = append(build.steps, spec.Step{Files: []string{"**"}, Command: sync})
		s.note("%s: %s come from folders of the project, and are installed anew after every edit", build.manifest, and(slices.Sorted(maps.Keys(local))))
	}
	return nil
}

// inUVWorkspace says whether the service is a member of a workspace at the project's root, whose lockfile it shares.
func (s *scan) inUVWorkspace() bool {
	if s.dir == "." || !s.has("pyproject.toml") || !s.root.has("uv.lock") {
		return false
	}
	workspace, err := readProject(s.root)
	if err != nil || workspace.Tool.UV == nil || workspace.Tool.UV.Workspace == nil {
		return false
	}
	member, _ := patternmatcher.MatchesOrParentMatches(s.dir, workspace.Tool.UV.Workspace.Members)
	return member
}

func (s *scan) uvWorkspace(build *pythonBuild, project pyproject) error {
	lock, err := readLock(s.root, "uv.lock")
	if err != nil {
		return err
	}
	if project.Project.Name == "" {
		return fmt.Errorf("%s has no project.name: a member of the workspace of uv.lock needs one", s.path("pyproject.toml"))
	}
	workspace, err := readProject(s.root)
	if err != nil {
		return err
	}
	build.manifest, build.dir = "uv.lock", "."
	build.know(lock)
	build.installUV(workspace)
	sync := []string{tools + "/bin/uv", "sync", "--frozen", "--package", project.Project.Name}
	build.steps = append(build.steps, spec.Step{
		Files:   []string{"uv.lock", "pyproject.toml", "**/pyproject.toml"},
		Command: append(slices.Clone(sync), "--no-install-workspace"),
	})
	others := lock.local()
	delete(others, project.Project.Name)
	maps.DeleteFunc(others, func(_, at string) bool { return path.Clean(at) == s.dir })
	if len(others) > 0 {
		build.steps = append(build.steps, spec.Step{Files: []string{"**"}, Command: append(sync, "--no-install-project")})
		s.note("%s: %s come from folders of the project, and are installed anew after every edit", build.manifest, and(slices.Sorted(maps.Keys(others))))
	}
	return nil
}

var generatedBy = regexp.MustCompile(`generated by Poetry (\d+)\.`)

// poetry installs what poetry.lock says, or what pyproject.toml does.
func (s *scan) poetry(build *pythonBuild, project pyproject) error {
	lock, err := readLock(s.folder, "poetry.lock")
	if err != nil {
		return err
	}
	build.manifest = s.path("pyproject.toml")
	step := spec.Step{Files: []string{"pyproject.toml", "poetry.lock"}, Command: []string{tools + "/bin/poetry", "install", "--no-root"}}
	requirement := "poetry"
	if s.has("poetry.lock") {
		build.manifest = s.path("poetry.lock")
		if match := generatedBy.FindStringSubmatch(s.read("poetry.lock")); match != nil {
			requirement += "==" + match[1] + ".*" // a major version may read the lockfiles of another, or not
		}
	} else {
		s.note("%s: there is no poetry.lock: versions are chosen anew", build.manifest)
	}
	if asked := project.Tool.Poetry.RequiresPoetry; asked != "" {
		requirement = "poetry" + operator(asked)
	}
	build.know(lock)
	for name := range project.Tool.Poetry.Dependencies {
		build.names[normal(name)] = true
	}
	local := lock.local()
	for _, name := range slices.Sorted(maps.Keys(local)) {
		if err := outside(build.manifest, s.dir, local[name]); err != nil {
			return err
		}
		step.Files = []string{"**"}
		s.noteWhole(build.manifest, name+" comes from "+local[name])
	}
	// It installs into the environment that VIRTUAL_ENV names.
	build.install("poetry", requirement,
		spec.BuildVariable{Name: "POETRY_CACHE_DIR", Value: "/cache/poetry"},
		spec.BuildVariable{Name: "POETRY_NO_INTERACTION", Value: "1"},
	)
	build.steps = append(build.steps, step)
	return nil
}

func (b *pythonBuild) know(lock lockFile) {
	for _, p := range lock.Package {
		b.names[normal(p.Name)] = true
	}
}
