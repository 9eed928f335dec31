package python

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/spec"
)

// lockFile is what uv.lock and poetry.lock have in common.
type lockFile struct {
	Package []struct {
		Name    string
		Version string
		Source  map[string]any
	}
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

// know notes the packages of a lockfile.
func (b *build) know(lock lockFile) {
	for _, p := range lock.Package {
		b.names[normal(p.Name)] = true
		b.versions[normal(p.Name)] = p.Version
		if p.Source["git"] != nil || p.Source["type"] == "git" { // uv's, and Poetry's
			b.names[fromGit] = true
		}
	}
}

// local are the sorted names of the packages of a lockfile that come from folders or files.
func (l *look) local(lock lockFile) ([]string, error) {
	local := lock.local()
	dir, err := l.Common(l.build.manifest, slices.Collect(maps.Values(local))...)
	l.build.dir = dir
	return slices.Sorted(maps.Keys(local)), err
}

func (b *build) bringUV(project pyproject) {
	requirement := "uv"
	if project.Tool.UV != nil && project.Tool.UV.RequiredVersion != "" {
		requirement += operator(project.Tool.UV.RequiredVersion)
	}
	b.bring("uv", requirement, "UV_PROJECT_ENVIRONMENT="+venv, "UV_CACHE_DIR=/cache/uv",
		"UV_LINK_MODE=copy", // the cache is another file system
		"UV_PYTHON_DOWNLOADS=never")
}

// uvSync is the command by which uv installs, without what is for development alone in a production image.
func (l *look) uvSync(more ...string) []string {
	command := append([]string{scan.Tools + "/bin/uv", "sync"}, more...)
	if l.Role.Production {
		command = append(command, "--no-dev", "--compile-bytecode")
	}
	return command
}

// uv installs what uv.lock says, with the group "dev", as uv itself does by default.
func (l *look) uv() error {
	l.build.manifest = l.Path("pyproject.toml")
	lock, err := readTOML[lockFile](l.Folder, "uv.lock")
	if err != nil {
		return err
	}
	l.build.bringUV(l.project)
	sync := l.uvSync("--no-install-project")
	extras, groups := l.project.wanted(l.asked())
	for _, name := range extras {
		sync = append(sync, "--extra", name)
	}
	for _, name := range groups {
		sync = append(sync, "--group", name)
	}
	step := spec.Step{Files: []string{"pyproject.toml", "uv.lock"}}
	if l.Has("uv.lock") {
		l.build.manifest = l.Path("uv.lock")
		l.build.know(lock)
		sync = append(sync, "--frozen")
		if l.project.Tool.UV != nil && l.project.Tool.UV.Workspace != nil {
			step.Files = append(step.Files, "**/pyproject.toml")
		}
	} else {
		l.Note("%s has sources that only uv knows, and there is no uv.lock: versions are chosen anew", l.build.manifest)
		list := requirements{names: l.build.names}
		for _, dependency := range l.project.requirements() {
			list.add(dependency)
		}
		for _, name := range slices.Sorted(maps.Keys(l.project.Tool.UV.Sources)) {
			source, _ := l.project.Tool.UV.Sources[name].(map[string]any)
			if at, ok := source["path"].(string); ok {
				if err := l.takeIn(at, &step); err != nil {
					return err
				}
			}
		}
	}
	built := l.build.dir
	names, err := l.local(lock)
	if len(names) == 0 {
		l.build.dir = built
	}
	if err != nil {
		return err
	}
	step.Command = slices.Clone(sync)
	for _, name := range names {
		step.Command = append(step.Command, "--no-install-package", name)
	}
	l.build.steps = append(l.build.steps, step)
	l.fromFolders(names, sync)
	return nil
}

// fromFolders installs the packages that come from folders of the project, once the source is there.
func (l *look) fromFolders(names, command []string) {
	if len(names) > 0 {
		l.build.steps = append(l.build.steps, spec.Step{Files: []string{"**"}, Command: command})
		l.Note("%s: %s come from folders of the project, and are installed anew after every edit", l.build.manifest, text.And(names))
	}
}

// inUVWorkspace says whether the service is a member of a workspace at the project's root, and shares its lockfile.
func (l *look) inUVWorkspace() bool {
	if l.Dir == "." || !l.Has("pyproject.toml") || !l.Root.Has("uv.lock") {
		return false
	}
	workspace, err := readTOML[pyproject](l.Root, "pyproject.toml")
	if err != nil || workspace.Tool.UV == nil || workspace.Tool.UV.Workspace == nil {
		return false
	}
	member, _ := patternmatcher.MatchesOrParentMatches(l.Dir, workspace.Tool.UV.Workspace.Members)
	return member
}

// uvWorkspace installs what the uv.lock of the workspace says about the service.
func (l *look) uvWorkspace() error {
	lock, err := readTOML[lockFile](l.Root, "uv.lock")
	if err != nil {
		return err
	}
	if l.project.Project.Name == "" {
		return fmt.Errorf("%s has no project.name: a member of the workspace of uv.lock needs one", l.Path("pyproject.toml"))
	}
	workspace, err := readTOML[pyproject](l.Root, "pyproject.toml")
	if err != nil {
		return err
	}
	l.build.manifest, l.build.dir = "uv.lock", "."
	l.build.know(lock)
	l.build.bringUV(workspace)
	sync := l.uvSync("--frozen", "--package", l.project.Project.Name)
	l.build.steps = append(l.build.steps, spec.Step{
		Files:   []string{"uv.lock", "pyproject.toml", "**/pyproject.toml"},
		Command: append(slices.Clone(sync), "--no-install-workspace"),
	})
	others := lock.local()
	delete(others, l.project.Project.Name)
	maps.DeleteFunc(others, func(_, at string) bool { return path.Clean(at) == l.Dir })
	l.fromFolders(slices.Sorted(maps.Keys(others)), append(sync, "--no-install-project"))
	return nil
}

var generatedBy = lazyregexp.New(`generated by Poetry (\d+)\.`)

// poetry installs what poetry.lock says, or what pyproject.toml does.
func (l *look) poetry() error {
	lock, err := readTOML[lockFile](l.Folder, "poetry.lock")
	if err != nil {
		return err
	}
	l.build.manifest = l.Path("pyproject.toml")
	step := spec.Step{Files: []string{"pyproject.toml", "poetry.lock"}, Command: []string{scan.Tools + "/bin/poetry", "install", "--no-root"}}
	requirement := "poetry"
	if l.Has("poetry.lock") {
		l.build.manifest = l.Path("poetry.lock")
		if match := generatedBy.FindStringSubmatch(l.Read("poetry.lock")); match != nil {
			requirement += "==" + match[1] + ".*" // a major version may read the lockfiles of another, or not
		}
	} else {
		l.Note("%s: there is no poetry.lock: versions are chosen anew", l.build.manifest)
	}
	if asked := l.project.Tool.Poetry.RequiresPoetry; asked != "" {
		requirement = "poetry" + operator(asked)
	}
	l.build.know(lock)
	extras, groups := l.project.wanted(l.asked())
	if len(extras) > 0 {
		step.Command = append(step.Command, "--extras", strings.Join(extras, " "))
	}
	if l.Role.Production {
		step.Command = append(step.Command, "--only", strings.Join(append([]string{"main"}, groups...), ","))
	} else if len(groups) > 0 {
		step.Command = append(step.Command, "--with", strings.Join(groups, ","))
	}
	folders := lock.local()
	for name, how := range l.project.Tool.Poetry.Dependencies {
		if at := l.build.take(name, how); at != "" {
			folders[normal(name)] = at
		}
	}
	if l.build.dir, err = l.Common(l.build.manifest, slices.Collect(maps.Values(folders))...); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		step.Files = []string{"**"}
		l.NoteWhole(l.build.manifest, name+" comes from "+folders[name])
	}
	// Poetry installs into the environment that VIRTUAL_ENV names.
	l.build.bring("poetry", requirement, "POETRY_CACHE_DIR=/cache/poetry", "POETRY_NO_INTERACTION=1")
	l.build.steps = append(l.build.steps, step)
	return nil
}
