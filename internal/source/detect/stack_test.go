package detect

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

func backendFound() *Service {
	return &Service{
		Dir: "api", Kind: "FastAPI", Command: []string{"uvicorn"}, Workdir: "/app/api", Port: 8080, HealthPaths: []string{"/health", "/"},
		Build: spec.Build{Image: "python:3.12-slim", Dir: ".", Target: "/app", Scratch: true, Mutable: []string{"x.json"}, Steps: []spec.Step{
			{Files: []string{"requirements.txt", "setup.py"}, Command: []string{"pip", "install"}}, {Files: []string{"lock"}, Command: []string{"sync"}},
		}},
	}
}

func frontendFound() *Service {
	return &Service{
		Dir: "web", Kind: "Vite", Command: []string{"npm", "run", "dev"}, Workdir: "/app", Port: 3000, HealthPaths: []string{"/"},
		Build: spec.Build{Image: "node:22-alpine", Dir: "web", Target: "/app", Steps: []spec.Step{{Files: []string{"package*.json"}, Command: []string{"npm", "ci"}}}},
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// environment is what a service has in its environment, as text: secrets and shares of limits by their names.
func environment(s spec.Service) map[string]string {
	env := map[string]string{}
	for _, v := range s.Process.Env {
		for _, part := range v.Value {
			switch {
			case part.Secret != nil:
				part.Text = "<" + part.Secret.Name + ">"
			case part.Number != nil:
				part.Text = fmt.Sprint("<", part.Number.Of[0].Limit, part.Number.Of[0].Percent, ">")
			case part.Address:
				part.Text = "<address>"
			}
			env[v.Name] += part.Text
		}
	}
	return env
}

func serviceOf(t *testing.T, p project.Project, name string) spec.Service {
	t.Helper()
	s, found := p.Service(name)
	if !found {
		t.Fatalf("no %s among %v", name, p.Names())
	}
	return s
}

// Which services there are, and in which order they start.
func TestServices(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name          string
		p             project.Project
		names, absent string
		needs         map[string]string
	}{
		{name: "no project", p: Databases("shop"), names: "[postgres redis]", absent: "[backend frontend]"},
		{name: "nothing found", p: Result{}.join(Databases("shop")), names: "[postgres redis]", absent: "[backend frontend]"},
		{name: "a backend", p: Result{Backend: backendFound()}.join(Databases("shop")), names: "[postgres redis backend]", absent: "[frontend]",
			needs: map[string]string{"backend": "[postgres redis]"}},
		{name: "a frontend", p: Result{Frontend: frontendFound()}.join(Databases("shop")), names: "[postgres redis frontend]", absent: "[backend]",
			needs: map[string]string{"frontend": "[]"}},
		{name: "both", p: Result{Backend: backendFound(), Frontend: frontendFound()}.join(Databases("shop")), names: "[postgres redis backend frontend]", absent: "[]",
			needs: map[string]string{"backend": "[postgres redis]", "frontend": "[backend]"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			same(t, "name", row.p.Name, "shop")
			same(t, "names", fmt.Sprint(row.p.Names()), row.names)
			same(t, "absent", fmt.Sprint(row.p.Absent), row.absent)
			resolved, err := row.p.Resolve()
			if err != nil {
				t.Fatal(err)
			}
			same(t, "order", fmt.Sprint(resolved.Names()), row.names)
			for name, needs := range row.needs {
				same(t, "needs of "+name, fmt.Sprint(serviceOf(t, resolved, name).Needs()), needs)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	same(t, "notes", Result{Backend: backendFound(), Notes: []string{"a", "b"}}.join(Databases("shop")).Notes, []string{"a", "b"})
}

// Where the services find each other, inside of the stack and from a browser.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	const database, redis = "postgresql://postgres:<db-password>@postgres:5432/app", "redis://:<redis-password>@redis:6379/0"
	limits := map[string]string{"GOMEMLIMIT": "<memory90>", "GOMAXPROCS": "<cpus0>", "NODE_OPTIONS": "--max-old-space-size=<memory75>"}
	with := func(env map[string]string) map[string]string {
		for name, value := range limits {
			env[name] = value
		}
		env["PROJECT_NAME"] = "shop"
		return env
	}
	both := Result{Backend: backendFound(), Frontend: frontendFound()}.join(Databases("shop"))
	for _, row := range []struct {
		name    string
		p       project.Project
		without string
		publish int // of the backend
		service string
		want    map[string]string
	}{
		{"a backend with all", both, "", 0, "backend", with(map[string]string{
			"PORT": "8080", "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": "<secret-key>",
			"BACKEND_URL": "http://localhost:8000", "FRONTEND_URL": "http://localhost:3000"})},
		{"a backend alone", Result{Backend: backendFound()}.join(Databases("shop")), "", 0, "backend", with(map[string]string{
			"PORT": "8080", "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": "<secret-key>", "BACKEND_URL": "http://localhost:8000"})},
		{"a backend without a database", both, "postgres", 0, "backend", with(map[string]string{
			"PORT": "8080", "REDIS_URL": redis, "SECRET_KEY": "<secret-key>", "BACKEND_URL": "http://localhost:8000", "FRONTEND_URL": "http://localhost:3000"})},
		{"a frontend", both, "", 0, "frontend", with(map[string]string{
			"PORT": "3000", "BACKEND_URL": "http://backend:8080", "VITE_API_BASE_URL": "http://localhost:8000"})},
		{"a frontend and a backend elsewhere", both, "", 8888, "frontend", with(map[string]string{
			"PORT": "3000", "BACKEND_URL": "http://backend:8080", "VITE_API_BASE_URL": "http://localhost:8888"})},
		{"a frontend without a backend", both, "backend", 0, "frontend", with(map[string]string{"PORT": "3000"})},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := row.p, error(nil)
			if row.without != "" {
				p, err = p.Remove(row.without)
			}
			if row.publish != 0 {
				p, err = p.Override(project.Override{Service: "backend", Publish: row.publish})
			}
			if err != nil {
				t.Fatal(err)
			}
			if p, err = p.Resolve(); err != nil {
				t.Fatal(err)
			}
			same(t, "environment", environment(serviceOf(t, p, row.service)), row.want)
		})
	}
}

// What the images of runtimes say for themselves counts.
func TestRuntimeLimitsAreDefaults(t *testing.T) {
	t.Parallel()
	for _, v := range serviceOf(t, Result{Backend: backendFound()}.join(Databases("shop")), "backend").Process.Env {
		limit := slices.Contains([]string{"GOMEMLIMIT", "GOMAXPROCS", "NODE_OPTIONS"}, v.Name)
		same(t, v.Name+" is a default", v.Default, limit)
	}
}

// How the project's own code runs.
func TestCode(t *testing.T) {
	t.Parallel()
	p := Result{Backend: backendFound(), Frontend: frontendFound()}.join(Databases("shop"))
	backend, frontend := serviceOf(t, p, "backend"), serviceOf(t, p, "frontend")
	same(t, "kind", backend.Kind, "FastAPI")
	same(t, "command", backend.Process.Command, []string{"uvicorn"})
	same(t, "workdir", backend.Process.Workdir, "/app/api")
	same(t, "user", backend.Process.User, "1000:1000")
	same(t, "process group", backend.Process.StopGroup, true)
	same(t, "ports of the backend", backend.Ports, []spec.Port{{Container: 8080, Published: 8000}})
	same(t, "ports of the frontend", frontend.Ports, []spec.Port{{Container: 3000, Published: 3000}})
	same(t, "probe", *backend.Probe.HTTP, spec.HTTPGet{Port: 8080, Paths: []string{"/health", "/"}, Guessed: true})
	same(t, "limits of the backend", backend.Limits, spec.Limits{CPUs: 1, Memory: 1 << 30, Pids: 256})
	same(t, "limits of the frontend", frontend.Limits, spec.Limits{CPUs: 0.5, Memory: 512 << 20, Pids: 256})
	same(t, "the build knows the service's folder", backend.Build.Service, "api")
	same(t, "frontend's export", environment(spec.Service{Process: spec.Process{Env: frontend.Exports}}), map[string]string{"FRONTEND_URL": "http://frontend:3000"})
}

// A file that says which image or which packages a build takes is one that a build is needed for, also where there is none yet: in the
// service's folder, and above it.
func TestPins(t *testing.T) {
	t.Parallel()
	project := files{
		"apps/api/requirements.txt": "fastapi\nuvicorn\n", "apps/api/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
		"apps/web/package.json": `{"scripts": {"dev": "vite"}, "devDependencies": {"vite": "8"}}`, "apps/web/package-lock.json": "{}",
	}
	result, err := Project(project.fs(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := result.join(Databases("shop"))
	for name, want := range map[string][]string{"backend": {".python-version", "uv.lock"}, "frontend": {".nvmrc", "yarn.lock"}} {
		source := serviceOf(t, p, name).Source
		for _, pin := range want {
			if !slices.Contains(source.Inputs, pin) {
				t.Errorf("%s: %s is not among %q", name, pin, source.Inputs)
			}
		}
	}
	found := Service{Dir: "apps/api", Pins: []string{"pin"}, Build: spec.Build{Image: "i", Dir: ".", Target: "/app"}}
	same(t, "a service below its build", sourceOf(found).Inputs, []string{"apps/api/pin", "apps/pin", "pin"})
}

// Where the source lies, and what has to be done when it changes.
func TestSource(t *testing.T) {
	t.Parallel()
	steps := func(s ...spec.Step) spec.Build { return spec.Build{Image: "i", Dir: ".", Target: "/app", Steps: s} }
	install := spec.Step{Files: []string{"package.json"}, Command: []string{"npm", "ci"}}
	whole := spec.Step{Files: []string{"**"}, Command: []string{"npm", "run", "build"}}
	compile := steps(spec.Step{Files: []string{"go.mod"}, Command: []string{"go", "mod", "download"}})
	compile.Compile = &spec.Compile{Command: []string{"go", "build"}, Image: "i"}
	for _, row := range []struct {
		name          string
		build         spec.Build
		inputs, whole []string
		reloads       bool // of a frontend
	}{
		{"no steps", steps(), nil, nil, true},
		{"dependencies", steps(install), []string{"package.json"}, nil, true},
		{"a build", steps(install, whole), []string{"package.json"}, []string{"npm run build"}, false},
		{"a compiler", compile, []string{"**"}, nil, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := Result{
				Backend: &Service{Dir: "a", Build: row.build}, Frontend: &Service{Dir: "b", Build: row.build},
			}.join(Databases("shop"))
			want := spec.Source{Dir: ".", Path: "/app", Service: "a", Inputs: row.inputs, Whole: row.whole, Base: spec.Base{Image: "i"}}
			same(t, "backend", *serviceOf(t, p, "backend").Source, want)
			want.Service = "b"
			same(t, "frontend", *serviceOf(t, p, "frontend").Source, want)
			same(t, "reloads", serviceOf(t, p, "frontend").Process.Reloads, row.reloads)
		})
	}
	backend := serviceOf(t, Result{Backend: backendFound()}.join(Databases("shop")), "backend")
	same(t, "what may be written", *backend.Source, spec.Source{
		Dir: ".", Path: "/app", Service: "api", Base: spec.Base{Image: "python:3.12-slim", Command: []string{"uvicorn"}}, Scratch: true, Mutable: []string{"x.json"}, Inputs: []string{"requirements.txt", "setup.py", "lock"},
	})
	docker := &Service{Build: spec.Build{Dockerfile: "Dockerfile", Dir: "."}}
	p := Result{Backend: docker, Frontend: docker}.join(Databases("shop"))
	same(t, "a Dockerfile's", []*spec.Source{serviceOf(t, p, "backend").Source, serviceOf(t, p, "frontend").Source}, []*spec.Source{nil, nil})
	same(t, "to be read", p.Unread(), []string{"backend", "frontend"})
}

// What was detected is not changed by what is made of it.
func TestDetectedStaysAsItIs(t *testing.T) {
	t.Parallel()
	found := Result{Backend: backendFound(), Frontend: frontendFound()}
	found.join(Databases("shop"))
	same(t, "result", found, Result{Backend: backendFound(), Frontend: frontendFound()})
}

// What compiles pages while it serves them may use more memory than a server of files does.
func TestHeavy(t *testing.T) {
	t.Parallel()
	for manifest, want := range map[string]int64{
		`{"dependencies": {"nuxt": "4"}, "scripts": {"dev": "nuxt dev"}}`:                           2 << 30,
		`{"devDependencies": {"vite": "7"}, "scripts": {"dev": "vite"}}`:                            512 << 20,
		`{"dependencies": {"next": "16", "pg": "8"}, "scripts": {"dev": "next dev", "start": "x"}}`: 2 << 30,
	} {
		p := joined(t, files{"package.json": manifest}, Flags{})
		if got := p.Services[len(p.Services)-1].Limits.Memory; got != want {
			t.Errorf("%s: %d, want %d", manifest, got, want)
		}
	}
}

// A development server that hands requests on to localhost finds the backend there, at whatever port the project has it on.
func TestProxyToLocalhost(t *testing.T) {
	t.Parallel()
	backend := files{"backend/requirements.txt": "fastapi\nuvicorn\n", "backend/main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
	vite := func(config string) files {
		return site(scripts("dev", "vite", "vite"), backend, files{"frontend/vite.config.js": config})
	}
	for _, row := range []struct {
		name  string
		files files
		want  []spec.Local
	}{
		{"Vite", vite(`export default { server: { port: 5173, proxy: { "/api": "http://localhost:8000" } } }`), []spec.Local{{Port: 8000, Service: "backend", To: 8000}}},
		{"another port", vite(`export default { server: { proxy: { "/api": { target: "http://127.0.0.1:5000" } } } }`), []spec.Local{{Port: 5000, Service: "backend", To: 8000}}},
		{"its own port", vite(`export default { server: { port: 5173, proxy: {}, origin: "http://localhost:5173" } }`), nil},
		{"no proxy", vite(`const docs = "http://localhost:8000"`), nil},
		{"two", vite(`export default { server: { proxy: { "/api": "http://localhost:8000", "/auth": "http://localhost:9000" } } }`), []spec.Local{{Port: 8000, Service: "backend", To: 8000}}},
		{"Create React App", site(`{"proxy":"http://localhost:4000","scripts":{"start":"react-scripts start"},"dependencies":{"react-scripts":"5"}}`, backend), []spec.Local{{Port: 4000, Service: "backend", To: 8000}}},
		{"no backend", site(scripts("dev", "vite", "vite"), files{"frontend/vite.config.js": `export default { server: { proxy: { "/api": "http://localhost:8000" } } }`}), nil},
	} {
		p, err := Join(row.files.fs(), Databases("shop"), Flags{})
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		frontend, _ := p.Service("frontend")
		if fmt.Sprint(frontend.Local) != fmt.Sprint(row.want) {
			t.Errorf("%s: %v, want %v", row.name, frontend.Local, row.want)
		}
	}
}
