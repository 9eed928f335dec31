package detect

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/spec"
)

const venv = "/opt/venv"

// pythonBuild is how a Python project's packages come into its virtual environment.
type pythonBuild struct {
	tool     string // pip, uv or poetry
	manifest string // the file that names the packages
	dir      string // folder of the project that the build takes
	names    map[string]bool
	env      []spec.BuildVariable
	caches   []spec.Cache
	folders  []string
	steps    []spec.Step
}

func (b pythonBuild) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return b.names[name] })
}

// python is a service in Python: on the image of its version, its packages in a virtual environment that is not beside
// the source.
func (s *scan) python() (*Service, error) {
	project, err := readProject(s.folder)
	if err != nil {
		return nil, err
	}
	asked, err := s.pythonVersion(project)
	if err != nil {
		return nil, err
	}
	build, err := s.pythonBuild(project)
	if err != nil {
		return nil, err
	}
	app, err := s.pythonApp(project, build)
	if err != nil {
		return nil, err
	}
	if asked.note != "" {
		s.note("%s", asked.note)
	}
	found := s.result(fmt.Sprintf("%s (%s)", app.framework, build.tool), join(slices.DeleteFunc([]string{build.manifest, app.file}, func(f string) bool { return f == "" }), "and"))
	if app.framework == "FastAPI" {
		found.HealthPaths = append(found.HealthPaths, "/docs") // where nobody wrote the others, FastAPI has this one
	}
	found.Workdir = s.workdir(build.dir, app.workdir)
	found.Command = app.command
	env := append(s.env(),
		// The source is root's, so compiled files have nowhere to go; and logs are read as they come.
		spec.BuildVariable{Name: "PYTHONDONTWRITEBYTECODE", Value: "1"},
		spec.BuildVariable{Name: "PYTHONUNBUFFERED", Value: "1"},
		spec.BuildVariable{Name: "VIRTUAL_ENV", Value: venv},
		spec.BuildVariable{Name: "PATH", Value: venv + "/bin:${PATH}"},
	)
	if app.pathDir != "" {
		env = append(env, spec.BuildVariable{Name: "PYTHONPATH", Value: s.workdir(build.dir, app.pathDir)})
	}
	if len(app.install) > 0 {
		build.steps = append(build.steps, spec.Step{Command: append([]string{"python", "-m", "pip", "install"}, app.install...)})
	}
	found.Build = spec.Build{
		Image: "python:" + asked.tag + "-slim", Dir: build.dir, Target: target,
		Env: append(env, build.env...), Caches: build.caches, Folders: append([]string{home, venv}, build.folders...),
		// What the image brings counts as installed.
		Steps: append([]spec.Step{{Command: []string{"python", "-m", "venv", "--system-site-packages", venv}}}, build.steps...),
	}
	for _, name := range []string{"psycopg2", "mysqlclient", "uwsgi"} {
		if build.names[name] {
			s.note("%s names %s, which is compiled when it is installed, and %s has no compiler: if the build fails, use a binary package or add a Dockerfile",
				build.manifest, name, found.Build.Image)
		}
	}
	return found, nil
}

// pythonApp is how a Python service is started.
type pythonApp struct {
	framework string
	file      string   // where the application object is, "" if nobody had to look
	command   []string // of the service
	workdir   string   // below the service's folder
	pathDir   string   // what Python has to search for modules, below the service's folder
	install   []string // what the command needs and the manifest does not name
}

func (s *scan) pythonApp(project pyproject, build pythonBuild) (pythonApp, error) {
	app := pythonApp{framework: "Python"}
	port := strconv.Itoa(s.role.port)
	for _, known := range []string{"Django", "FastAPI", "Flask", "Litestar", "Quart", "Starlette"} {
		if app.framework == "Python" && build.names[strings.ToLower(known)] {
			app.framework = known
		}
	}
	if len(s.role.command) > 0 {
		app.command = s.role.command
		if module := project.module(); module != "" && s.hasDir("src/"+module) {
			app.pathDir = "src"
		}
		return app, nil
	}
	for _, dir := range []string{".", "src", "app"} {
		if name := path.Join(dir, "manage.py"); s.has(name) && strings.Contains(s.read(name), "django") {
			app.framework, app.file, app.workdir = "Django", s.path(name), dir
			// Without the reloader it is one process, and nothing changes under it.
			app.command = []string{"python", "manage.py", "runserver", "0.0.0.0:" + port, "--noreload"}
			return app, nil
		}
	}
	object, tried := s.findObject(project, build)
	if program := s.pythonProgram(); object.file == "" && program != "" {
		app.file, app.command = s.path(program), []string{"python", program}
		s.note("%s has no application that is known and is run as a program: it has to listen on 0.0.0.0:%s, as HOST and PORT say", app.file, port)
		return app, nil
	}
	if object.file == "" {
		return app, &unknown{likely: app.framework != "Python", text: fmt.Sprintf("cannot tell how the %s in %s is started: looked for manage.py and for an application such as app = FastAPI() or app = Flask(…) in %s; found %s: name its command with %s",
			s.role.name, s.quoted(), and(tried), s.found(), s.role.commandFlag())}
	}
	app.framework, app.file, app.pathDir = object.framework, s.path(object.file), object.pathDir
	reference := strings.TrimSuffix(object.module+":"+object.name, ":")
	switch {
	case object.framework == "Flask":
		app.command = []string{"python", "-m", "flask", "--app", reference, "run", "--host", "0.0.0.0", "--port", port}
	case !build.has("uvicorn", "fastapi[standard]", "fastapi[all]", "litestar[standard]") && (object.framework == "Quart" || build.has("hypercorn")):
		if object.factory {
			reference += "()"
		}
		app.command = []string{"python", "-m", "hypercorn", "--bind", "0.0.0.0:" + port, reference}
	default:
		// As a module, so that it is the environment's Python that runs it even where the image brings uvicorn.
		app.command = []string{"python", "-m", "uvicorn", reference, "--host", "0.0.0.0", "--port", port}
		if object.factory {
			app.command = append(app.command, "--factory")
		}
		if !build.has("uvicorn", "fastapi[standard]", "fastapi[all]", "litestar[standard]") {
			app.install = []string{"uvicorn"}
			s.note("%s names no server for %s: uvicorn is installed with it", build.manifest, object.framework)
		}
	}
	return app, nil
}
