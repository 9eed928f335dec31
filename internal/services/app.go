package services

import (
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

// Where the project's own services listen inside the stack, unless their Dockerfile says otherwise.
const (
	BackendPort  = 8000
	FrontendPort = 3000
)

// appUser is who the project's code runs as, if its image does not say.
const appUser = "1000:1000"

// Backend is the project's backend, with the databases that it needs.
func Backend(opt Options, found detect.Service) spec.Service {
	s := app(opt, BackendName, found, opt.BackendPort)
	s.Needs = []string{PostgresName, RedisName}
	s.Process.Env = append(s.Process.Env,
		spec.Env{Name: databaseVariable, Template: DatabaseURL},
		spec.Env{Name: redisVariable, Template: RedisURL},
		spec.Env{Name: "SECRET_KEY", Template: `{{secret "` + SecretKey + `"}}`},
		spec.Env{Name: "BACKEND_URL", Value: published(opt.BackendPort)},
		spec.Env{Name: "FRONTEND_URL", Value: published(opt.FrontendPort)},
	)
	return s
}

// Frontend is the project's frontend. What runs in the container reaches the backend by its name; what runs in the
// browser reaches it on the host.
func Frontend(opt Options, found detect.Service, backend *detect.Service) spec.Service {
	s := app(opt, FrontendName, found, opt.FrontendPort)
	if backend != nil {
		s.Needs = []string{BackendName}
		s.Process.Env = append(s.Process.Env,
			spec.Env{Name: "BACKEND_URL", Value: "http://" + BackendName + ":" + strconv.Itoa(backend.Port)},
			spec.Env{Name: "VITE_API_BASE_URL", Value: published(opt.BackendPort)},
		)
	}
	return s
}

func published(port int) string { return "http://localhost:" + strconv.Itoa(port) }

// runtimeLimits tell the runtimes that do not look themselves, unless the image or the user has set them: Go's collector
// and scheduler, and node's heap. 90% leaves what the Go guide wants left (go.dev/doc/gc-guide, 5 to 10%), 75% what
// node's manual leaves (nodejs.org/api/cli.html, --max-old-space-size: 1.5 of 2 GB). Two threads at least are what Go
// itself makes of less than a core (runtime.GOMAXPROCS, since 1.25).
var runtimeLimits = []spec.Env{
	{Name: "GOMEMLIMIT", Template: "{{memory | percent 90}}", Default: true},
	{Name: "GOMAXPROCS", Template: "{{max 2 cpus}}", Default: true},
	{Name: "NODE_OPTIONS", Template: "--max-old-space-size={{memory | percent 75 | mib}}", Default: true},
}

func app(opt Options, name string, found detect.Service, publishedPort int) spec.Service {
	var source *spec.Source
	if found.Build.Target != "" {
		source = &spec.Source{
			Dir: found.Build.Dir, Path: found.Build.Target, Service: found.Dir,
			Scratch: found.Build.Scratch, Mutable: found.Build.Mutable, Writable: opt.WritableSource,
		}
		for _, step := range found.Build.Steps {
			if slices.Contains(step.Files, "**") {
				source.Whole = append(source.Whole, strings.Join(step.Command, " "))
			} else {
				source.Inputs = append(source.Inputs, step.Files...)
			}
		}
		if found.Build.Compile != nil {
			source.Inputs = []string{"**"}
		}
		// A frontend that needs no build is a development server.
		source.Reloads = name == FrontendName && len(source.Whole) == 0
	}
	// A path that somebody has named must be right; one that was guessed may answer that it wants a login.
	get := &spec.HTTPGet{Port: found.Port, Paths: found.HealthPaths, Guessed: true}
	if path := opt.HealthPaths[name]; path != "" {
		get.Paths, get.Guessed = []string{path}, false
	}
	return spec.Service{
		Name:  name,
		Build: found.Build,
		Process: spec.Process{
			Command: found.Command,
			Workdir: found.Workdir,
			User:    appUser,
			Env: append([]spec.Env{
				{Name: "PORT", Value: strconv.Itoa(found.Port)},
				{Name: "PROJECT_NAME", Value: opt.Stack},
			}, runtimeLimits...),
			StopGroup: true, // npm and sh do not hand a signal on
		},
		Ports:   []spec.Port{{Container: found.Port, Published: publishedPort}},
		Probe:   &spec.Probe{HTTP: get},
		Source:  source,
		Limits:  opt.Limits[name],
		Restart: opt.Restart,
	}
}
