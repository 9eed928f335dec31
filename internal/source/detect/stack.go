package detect

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/spec"
)

// The services of a stack that is detected: two databases beside what the project's own code makes.
const (
	postgresName = "postgres"
	redisName    = "redis"
	mysqlName    = "mysql"
	mongoName    = "mongo"
	backendName  = "backend"
	frontendName = "frontend"
)

// Where the project's own services listen inside the stack, unless their Dockerfile says otherwise.
const (
	backendPort  = 8000
	frontendPort = 3000
)

// secretKeyLength is that of a SECRET_KEY that the stack makes: Django's own.
const secretKeyLength = 50

// Databases is the stack without any code of a project.
func Databases(name string) project.Project {
	return project.Project{
		Name:     name,
		Services: []spec.Service{recipe.Postgres(postgresName, "postgres:15-alpine"), recipe.Redis(redisName, "redis:7-alpine")},
		Absent:   []string{backendName, frontendName},
	}
}

// Flags are what the user says about detection.
type Flags struct {
	BackendDir, FrontendDir               string
	BackendCommand, FrontendCommand       string
	BackendDockerfile, FrontendDockerfile string
	NoDockerfile                          bool
	All                                   fs.FS               // the project with what git ignores, for its files of variables
	RedisPassword                         bool                // the user gives one
	Env                                   []string            // NAME=VALUE, for all services that are found
	Without                               []string            // services that the user has taken out: they are not looked for
	Added                                 []string            // services that the user has added
	Builds                                []project.BuildFlag // what the user says of the builds of Dockerfiles
	Production                            bool                // services are built for production
}

// Named tells whether the user names the project's own services in some way.
func (f Flags) Named() bool {
	return f.BackendDir+f.FrontendDir+f.BackendCommand+f.FrontendCommand+f.BackendDockerfile+f.FrontendDockerfile != ""
}

// Join adds what a project is found to have to a stack of what it needs: its databases, and whatever else a compose file names. With an
// error the stack is no more than what says which variables are missing beside.
func Join(fsys fs.FS, p project.Project, flags Flags) (_ project.Project, err error) {
	options := Options{
		BackendDir: flags.BackendDir, FrontendDir: flags.FrontendDir,
		BackendDockerfile: flags.BackendDockerfile, FrontendDockerfile: flags.FrontendDockerfile, NoDockerfile: flags.NoDockerfile, Builds: flags.Builds,
		NoBackend: slices.Contains(flags.Without, backendName), NoFrontend: slices.Contains(flags.Without, frontendName),
		Production: flags.Production,
	}
	if options.NoBackend && options.NoFrontend {
		return p, nil
	}
	if options.BackendCommand, err = project.Command(flags.BackendCommand); err != nil {
		return p, err
	}
	if options.FrontendCommand, err = project.Command(flags.FrontendCommand); err != nil {
		return p, err
	}
	found, wrong := Project(fsys, options)
	given, err := environmentOf(flags.Env)
	if wrong = scan.All(wrong, err); wrong != nil && found.Backend == nil && found.Frontend == nil {
		return p, wrong
	}
	texts, schemas, err := variables.Files(fsys)
	if err != nil {
		return p, fmt.Errorf("cannot read the project: %w", err)
	}
	found.migratesInCode(texts)
	found.served(texts)
	p = extend(p, slices.Concat(texts, schemas), flags.Without)
	p = found.databases(p, texts, flags)
	if flags.All != nil {
		if texts, err = variables.With(texts, flags.All); err != nil {
			return p, fmt.Errorf("cannot read the project: %w", err)
		}
	}
	if p = found.wire(fsys, found.join(p), texts, given, flags); wrong != nil {
		return p, wrong
	}
	return found.work(p, withLogin(p, spec.RedisLogin, flags.Without), flags)
}

// join adds the project's own services to those that the backend needs.
func (found Result) join(p project.Project) project.Project {
	p.Notes = append(slices.Clone(p.Notes), found.Notes...)
	needs, beside := p.Names(), beside(p)
	if found.Backend != nil {
		s := backendService(p.Name, needs, *found.Backend)
		s.Local = beside.local(found.Backend.Port)
		p.Services = append(slices.Clone(p.Services), s)
		p.Migration = found.Backend.Migration
		p.Migration.Of = backendName
	}
	if found.Frontend != nil {
		s := frontendService(p.Name, needs, *found.Frontend)
		if found.Backend != nil {
			s.Local = found.local(&p)
			s.Process.Command = append(slices.Clone(s.Process.Command), found.routes()...)
		}
		s.Local = append(s.Local, beside.local(append(ports(s.Local), found.Frontend.Port)...)...)
		p.Services = append(slices.Clone(p.Services), s)
	}
	if note := beside.note(); note != "" {
		p.Notes = append(p.Notes, note)
	}
	names := p.Names()
	p.Absent = slices.DeleteFunc(slices.Clone(p.Absent), func(name string) bool { return slices.Contains(names, name) })
	return p
}

func backendService(stack string, needs []string, found Service) spec.Service {
	s := code(stack, backendName, found)
	s.Ports = []spec.Port{{Container: found.Port, Published: backendPort}}
	for _, need := range needs {
		s.DependsOn = append(s.DependsOn, spec.Dependency{Service: need, Optional: true})
	}
	s.Exports = []spec.Variable{spec.Env("BACKEND_URL", url(backendName, found.Port))}
	s.Process.Env = append(s.Process.Env,
		spec.Variable{Name: "SECRET_KEY", Value: spec.Value{spec.Made(recipe.SecretKey, spec.Random{Length: secretKeyLength})}},
		published("BACKEND_URL", backendName),
		published("FRONTEND_URL", frontendName),
	)
	return s
}

// frontendService is the frontend. What runs in its container reaches the backend by the backend's name; what runs in the
// browser reaches the backend on the host. One that has a client of a database needs the databases, too.
func frontendService(stack string, needs []string, found Service) spec.Service {
	s := code(stack, frontendName, found)
	s.Ports = []spec.Port{{Container: found.Port, Published: frontendPort}}
	s.DependsOn = []spec.Dependency{{Service: backendName, Optional: true}}
	if found.Databases {
		for _, need := range needs {
			s.DependsOn = append(s.DependsOn, spec.Dependency{Service: need, Optional: true})
		}
	}
	s.Exports = []spec.Variable{spec.Env("FRONTEND_URL", url(frontendName, found.Port))}
	s.Process.Env = append(s.Process.Env, published("VITE_API_BASE_URL", backendName))
	s.Limits.CPUs = 0.5
	if !found.Heavy {
		s.Limits.Memory = 512 * recipe.MiB
	}
	if s.Source != nil {
		// A frontend that needs no build is a development server.
		s.Process.Reloads = len(s.Source.Whole) == 0
	}
	return s
}

// url is where other services of the stack reach one.
func url(service string, port int) string { return "http://" + service + ":" + strconv.Itoa(port) }

// published is a variable with the address of a service outside of the stack.
func published(variable, service string) spec.Variable {
	return spec.Variable{Name: variable, Value: spec.Value{spec.Text("http://"), {Published: service}}}
}

// runtimeLimits tell the runtimes that do not look themselves, unless the image or the user has set the variables: Go's
// collector and scheduler, and node's heap. 90% leaves what the Go guide wants left (go.dev/doc/gc-guide, 5 to 10%), 75% what
// node's manual leaves (nodejs.org/api/cli.html, --max-old-space-size: 1.5 of 2 GB). Two threads at least are what Go itself
// makes of less than a core (runtime.GOMAXPROCS, since 1.25).
var runtimeLimits = []spec.Variable{
	{Name: "GOMEMLIMIT", Default: true, Value: spec.Value{
		spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory, Percent: 90}}}),
	}},
	{Name: "GOMAXPROCS", Default: true, Value: spec.Value{
		spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.CPUs}}, AtLeast: 2}),
	}},
	{Name: "NODE_OPTIONS", Default: true, Value: spec.Value{
		spec.Text("--max-old-space-size="),
		spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory, Percent: 75, Per: recipe.MiB}}}),
	}},
}

// workers is how many processes the servers of Python have: one for each core, of which some is left to the other services.
var workers = spec.Variable{Name: "WEB_CONCURRENCY", Default: true, Value: spec.Value{
	spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.CPUs}}, AtLeast: 1}),
}}

// heavyMemory is what Next.js and its like may use: the development servers of public projects were killed at 512 MiB and at 1 GiB.
const heavyMemory = 2 << 30

// code is a service that runs the project's own code.
func code(stack, name string, found Service) spec.Service {
	found.Build.Service = found.Dir
	limits := project.CodeLimits
	if found.Heavy && !found.Production {
		limits.Memory = heavyMemory
	}
	env := []spec.Variable{spec.Env("PORT", strconv.Itoa(found.Port)), spec.Env("PROJECT_NAME", stack)}
	if found.Workers {
		env = append(env, workers)
	}
	return spec.Service{
		Name: name, Kind: found.Kind, Build: found.Build,
		Process: spec.Process{
			Command: found.Command, Workdir: found.Workdir, User: project.AppUser,
			Env:       append(env, runtimeLimits...),
			StopGroup: true, // npm and sh do not hand a signal on
		},
		Probe:  &spec.Probe{HTTP: &spec.HTTPGet{Port: found.Port, Paths: found.HealthPaths, Guessed: true}},
		Source: sourceOf(found),
		Limits: limits, Restart: spec.Restart{Policy: spec.RestartOnFailure},
	}
}

// sourceOf is where the service's source lies, nil if a Dockerfile decides that, or if the service is built for production: edits are no part
// of it.
func sourceOf(found Service) *spec.Source {
	build := found.Build
	if build.Target == "" || found.Production {
		return nil
	}
	source := &spec.Source{Dir: build.Dir, Path: build.Target, Service: found.Dir, Scratch: build.Scratch, Mutable: build.Mutable}
	source.Base = spec.Base{Image: build.Image, Packages: build.Packages, Command: found.Command}
	for _, step := range build.Steps {
		if step.Whole() {
			source.Whole = append(source.Whole, strings.Join(step.Command, " "))
		} else {
			source.Inputs = append(source.Inputs, step.Files...)
		}
	}
	for dir := tree.Relative(build.Dir, found.Dir); len(found.Pins) > 0; dir = path.Dir(dir) {
		for _, name := range found.Pins {
			source.Inputs = append(source.Inputs, path.Join(dir, name))
		}
		if dir == "." {
			break
		}
	}
	if build.Compile != nil {
		source.Inputs = []string{"**"}
		source.Base.Image = build.Compile.Image
	}
	return source
}
