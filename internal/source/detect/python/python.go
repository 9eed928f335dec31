// Package python says how a service in Python is built and run: on the image of its version, its packages in a virtual
// environment that is not beside the source.
package python

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

const venv = "/opt/venv"

// look is the look at the folder of a Python service.
type look struct {
	*scan.Scan
	project pyproject
	build   build
}

// Is says whether a folder looks like a Python project.
func Is(f tree.Folder) bool {
	return f.First("manage.py", "pyproject.toml", "Pipfile") != "" || f.First(lists...) != ""
}

// IsProject says the same of a project's root, where a pyproject.toml may do no more than configure tools.
func IsProject(root tree.Folder) bool {
	project, err := readTOML[pyproject](root, "pyproject.toml")
	return Is(root) && (err != nil || project.hasDependencies() || root.First("requirements.txt", "manage.py", "uv.lock", "poetry.lock", "Pipfile") != "")
}

// names is the folder whose files name the service's packages: its own, or else the nearest above that has such files.
func names(s *scan.Scan) tree.Folder {
	if s.First("pyproject.toml", "uv.lock", "poetry.lock", "Pipfile") != "" || s.First(lists...) != "" {
		return s.Folder
	}
	for _, above := range s.Above() {
		project, err := readTOML[pyproject](above, "pyproject.toml") // an error is one where the file counts
		if above.First("uv.lock", "poetry.lock", "Pipfile") != "" || above.First(lists...) != "" || err == nil && project.hasDependencies() {
			return above
		}
	}
	return s.Folder
}

// Service is the service in a folder that is a Python project, or that has a command for Python.
func Service(s *scan.Scan) (*scan.Service, error) {
	named := names(s)
	packages := look{Scan: &scan.Scan{Folder: named, Root: s.Root, Role: s.Role}}
	var err error
	if packages.project, err = readTOML[pyproject](named, "pyproject.toml"); err != nil {
		return nil, err
	}
	wrong := packages.install()
	s.Notes = append(s.Notes, packages.Notes...)
	l := look{Scan: s, project: packages.project, build: packages.build}
	asked, bad := l.version()
	app, err := l.app()
	if err := scan.All(wrong, bad, err); err != nil {
		return nil, err
	}
	l.above(&app)
	if asked.Note != "" {
		s.Note("%s", asked.Note)
	}
	why := text.And(slices.DeleteFunc([]string{l.build.manifest, app.file}, func(f string) bool { return f == "" }))
	found := s.Service(fmt.Sprintf("%s (%s)", app.framework, l.build.tool), why)
	if app.framework == "FastAPI" {
		found.HealthPaths = append(found.HealthPaths, "/docs") // where nobody wrote the others, FastAPI has this one
	}
	found.Pins = []string{".python-version", ".tool-versions", "runtime.txt", "uv.lock", "poetry.lock", "Pipfile.lock"}
	if app.port != 0 {
		found.Port = app.port
	}
	found.Workdir = s.Workdir(l.build.dir, app.workdir)
	found.Command, found.Migration = app.command, l.migration(app.command)
	found.Worker.Command, found.Worker.Why = l.worker(app.workdir, app.pathDir)
	install, last := app.install, []spec.Step(nil)
	// Packages that the image brings count as installed.
	steps := append([]spec.Step{{Command: []string{"python", "-m", "venv", "--system-site-packages", venv}}}, l.build.steps...)
	found.Build = spec.Build{
		Image: "python:" + asked.Tag + "-slim", Dir: l.build.dir, Target: scan.Target, Env: l.environ(app, found.Port),
		Caches: l.build.caches, Folders: append([]string{scan.Home, venv}, l.build.folders...), Steps: steps,
		// What has no server for its data keeps it in files, and Flask has a folder for its instance.
		Scratch: app.framework == "Flask" || !l.build.has(slices.Concat(drivers, clients)...),
	}
	if compiled := l.build.compiled(); len(compiled) > 0 {
		found.Build.Image = "python:" + asked.Tag
		found.Build.Packages = l.build.debian()
		need := "need"
		if len(compiled) == 1 {
			need = "needs"
		}
		s.Note("%s names %s, which %s a compiler or libraries: the image is %s", l.build.manifest, text.And(compiled), need, found.Build.Image)
	}
	if s.Role.Production {
		install, last = l.produce(app, found)
	}
	if len(install) > 0 {
		found.Build.Steps = append(found.Build.Steps, spec.Step{Command: append([]string{"python", "-m", "pip", "install"}, install...)})
	}
	if l.build.manifest != "uv.lock" { // a workspace's is where the build is
		found.Build.Steps = scan.Within(tree.Relative(l.build.dir, named.Dir), found.Build.Steps)
	}
	found.Build.Steps = append(found.Build.Steps, last...)
	return found, nil
}

// environ is the environment of the build and the service.
func (l *look) environ(app app, port int) []spec.BuildVariable {
	env := []string{
		// The source belongs to root, so compiled files cannot be written; and logs are read as they come.
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1",
		"VIRTUAL_ENV=" + venv, "PATH=" + venv + "/bin:${PATH}",
	}
	if l.build.has("gradio") {
		env = append(env, "GRADIO_SERVER_NAME=0.0.0.0", "GRADIO_SERVER_PORT="+strconv.Itoa(port), "GRADIO_ANALYTICS_ENABLED=False")
	}
	if app.pathDir != "" {
		env = append(env, "PYTHONPATH="+l.Workdir(l.build.dir, app.pathDir))
	}
	return scan.Env(port, append(env, l.build.env...)...)
}

// app is how a Python service is started.
type app struct {
	framework string
	file      string   // where the application object is, "" if nobody had to look
	command   []string // of the service
	workdir   string   // below the service's folder
	pathDir   string   // what Python has to search for modules, below the service's folder
	port      int      // where the program says that it listens; 0: it is told
	install   []string // what the command needs and the manifest does not name
	object    object   // that is served, if there is one
}

func (l *look) app() (app, error) {
	app := app{framework: cmp.Or(l.build.framework("Django"), l.build.framework(frameworks...), "Python")}
	port := strconv.Itoa(l.Role.Port)
	if len(l.Role.Command) > 0 {
		app.command = l.Role.Command
		if module := l.project.module(); module != "" && l.HasDir("src/"+module) {
			app.pathDir = "src"
		}
		return app, nil
	}
	if dir := l.django(); dir != "" {
		app.framework, app.file, app.workdir = "Django", l.Path(path.Join(dir, "manage.py")), dir
		// Without the reloader Django is one process, and nothing changes under it.
		app.command = []string{"python", "manage.py", "runserver", "0.0.0.0:" + port, "--noreload"}
		return app, nil
	}
	object, tried := l.findObject()
	if name, file, command := l.pages(port); object.file == "" && name != "" {
		app.framework, app.file, app.command = name, l.Path(file), command
		return app, nil
	}
	if program := l.program(); object.file == "" && program != "" {
		app.file, app.command = l.Path(program), []string{"python", program}
		if app.port = l.listens(program); app.port != 0 {
			return app, nil
		}
		l.Note("%s has no application that is known and is run as a program: it has to listen on 0.0.0.0:%s, as HOST and PORT say", app.file, port)
		return app, nil
	}
	if name, command, pathDir := l.script(); object.file == "" && name != "" {
		app.file, app.command, app.pathDir = l.build.manifest, command, pathDir
		l.Note("%s has no application that is known: its script %s is run, which has to listen on 0.0.0.0:%s, as HOST and PORT say", l.build.manifest, name, port)
		return app, nil
	}
	if file := l.First("rxconfig.py"); object.file == "" && (file != "" || l.build.has("reflex")) {
		return app, &scan.Unknown{Likely: true, Text: fmt.Sprintf("%s is a project of Reflex, whose pages Node builds beside Python, in one folder: add a Dockerfile with both and unzip, "+
			`whose command is reflex run --env prod --single-port --backend-host 0.0.0.0 --backend-port %s; or name its command with %s`, l.Path(cmp.Or(file, path.Base(l.build.manifest))), port, l.Role.CommandFlag())}
	}
	if object.file == "" {
		return app, &scan.Unknown{Likely: app.framework != "Python", Text: fmt.Sprintf("cannot tell how the %s in %s is started: looked for manage.py and for an application such as app = FastAPI() or app = Flask(…) in %s; found %s: name its command with %s",
			l.Role.Name, l.Quoted(), text.And(tried), l.Found(), l.Role.CommandFlag())}
	}
	app.framework, app.file, app.pathDir = object.framework, l.Path(object.file), object.pathDir
	app.object = object
	app.command, app.install = l.serve(object, port)
	return app, nil
}

// serve is the command that serves an application object, and what has to be installed for the command.
func (l *look) serve(object object, port string) (command, install []string) {
	reference := strings.TrimSuffix(object.module+":"+object.name, ":")
	uvicorn := l.build.has("uvicorn", "fastapi[standard]", "fastapi[all]", "litestar[standard]", "python-fasthtml")
	switch {
	case object.framework == "Sanic":
		command = []string{"python", "-m", "sanic", reference, "--host", "0.0.0.0", "--port", port, "--single-process"}
		if object.factory {
			command = append(command, "--factory")
		}
		return command, nil
	case object.framework == "Flask":
		return []string{"python", "-m", "flask", "--app", reference, "run", "--host", "0.0.0.0", "--port", port}, nil
	case !uvicorn && (object.framework == "Quart" || l.build.has("hypercorn")):
		if object.factory {
			reference += "()"
		}
		return []string{"python", "-m", "hypercorn", "--bind", "0.0.0.0:" + port, reference}, nil
	}
	// As a module, so that the environment's Python runs uvicorn even where the image brings another uvicorn.
	command = []string{"python", "-m", "uvicorn", reference, "--host", "0.0.0.0", "--port", port}
	if object.factory {
		command = append(command, "--factory")
	}
	if !uvicorn {
		install = []string{"uvicorn"}
		l.Note("%s names no server for %s: uvicorn is installed with it", l.build.manifest, object.framework)
	}
	return command, install
}
