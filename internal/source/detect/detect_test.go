package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/spec"
)

// files is a project: paths and what is in them.
type files map[string]string

func (f files) fs() fstest.MapFS {
	tree := fstest.MapFS{}
	for name, text := range f {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// detection is one row of a table: a project and what is to be found in it.
type detection struct {
	name  string
	files files
	opt   Options
	want  string // lines that the description of the result has
	not   string // lines that it has not
	err   string // or what the error says
}

func check(t *testing.T, rows []detection) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			result, err := Project(row.files.fs(), row.opt)
			if row.err != "" {
				if err == nil {
					t.Fatalf("no error, want %q; found:\n%s", row.err, describe(result))
				}
				if !strings.Contains(err.Error(), row.err) {
					t.Fatalf("error:\n%v\nwant:\n%s", err, row.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := describe(result)
			for _, line := range lines(row.want) {
				if !strings.Contains(got, "\n"+line) {
					t.Errorf("no line %q in:\n%s", line, got)
				}
			}
			for _, line := range lines(row.not) {
				if strings.Contains(got, "\n"+line) {
					t.Errorf("a line %q in:\n%s", line, got)
				}
			}
		})
	}
}

func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// describe is a result as lines, for comparing.
func describe(result Result) string {
	var b strings.Builder
	for name, s := range map[string]*Service{"backend": result.Backend, "frontend": result.Frontend} {
		if s == nil {
			fmt.Fprintf(&b, "\nno %s", name)
			continue
		}
		line := func(format string, args ...any) { fmt.Fprintf(&b, "\n"+name+" "+format, args...) }
		line("kind %s", s.Kind)
		line("why %s", s.Why)
		line("dir %s", s.Dir)
		line("run %s", strings.Join(s.Command, " "))
		line("in %s", s.Workdir)
		line("port %d %s", s.Port, strings.Join(s.HealthPaths, " "))
		line("build %s%s of %s to %s", s.Build.Image, s.Build.Dockerfile, s.Build.Dir, s.Build.Target)
		line("scratch %v %s", s.Build.Scratch, strings.Join(s.Build.Mutable, " "))
		for _, e := range s.Build.Env {
			line("env %s=%s", e.Name, e.Value)
		}
		for _, c := range s.Build.Caches {
			line("cache %s %s", c.Name, c.Path)
		}
		line("packages %s", strings.Join(s.Build.Packages, " "))
		line("folders %s", strings.Join(s.Build.Folders, " "))
		if m := s.Migration; m.Tool != "" {
			line("migrates by %s (%s): %s in %s, reads %s, needs %s; %s", m.Tool, m.Why, strings.Join(m.Command, " "), m.Workdir, strings.Join(m.Reads, " "), strings.Join(m.Files, " "), m.Missing)
		}
		if b := s.Migration.Build; b != nil && b.Compile == nil {
			line("migrates in %s of %s, with %s", b.Image, b.Dir, b.Ship.Copies[0].From)
		} else if b != nil {
			line("migrates in %s of %s on %s, by %s", b.Image, b.Dir, b.Compile.Image, strings.Join(b.Steps[0].Command, " "))
		}
		for i, step := range s.Build.Steps {
			command := strings.Join(step.Command, " ")
			if strings.HasPrefix(command, "node -e const fs") && strings.Contains(command, "delete (manifest.scripts || {})[name]") {
				command = "STRIP"
			}
			if step.Dir != "" {
				command = "in " + step.Dir + ": " + command
			}
			line("step %d [%s] %s", i, strings.Join(step.Files, " "), command)
		}
		for _, stage := range s.Build.Stages {
			last := stage.Build.Steps[len(stage.Build.Steps)-1]
			line("stage %s from %s of %s of %s: %s", stage.To, stage.From, stage.Build.Image, stage.Build.Dir, strings.Join(last.Command, " "))
		}
		if c := s.Build.Compile; c != nil {
			line("compile %s -> %s on %s", strings.Join(c.Command, " "), c.Artifact, c.Image)
		}
		if s.Production {
			line("production, workers %v, routes %v", s.Workers, s.Routes)
		}
		if ship := s.Build.Ship; ship != nil {
			line("ship on %s %v", strings.TrimSpace(ship.Image+" "+strings.Join(ship.Packages, " ")), ship.Env)
			for _, c := range ship.Copies {
				line("copy %s to %s, own %v", c.From, c.To, c.Own)
				for _, pattern := range c.Without {
					line("without %s", pattern)
				}
			}
		}
	}
	for _, note := range result.Notes {
		b.WriteString("\nnote " + note)
	}
	return b.String() + "\n"
}

const (
	fastapi = "from fastapi import FastAPI\n\napp = FastAPI()\n"
	vite    = `{"name":"web","scripts":{"dev":"vite","build":"vite build"},"devDependencies":{"vite":"^7.0.0"}}`
	express = `{"name":"api","scripts":{"start":"node server.js"},"dependencies":{"express":"^5.0.0"}}`
	pip     = "fastapi\nuvicorn[standard]\n"
)

// api and web are the smallest services.
var (
	api = files{"backend/requirements.txt": pip, "backend/main.py": fastapi}
	web = files{"frontend/package.json": vite, "frontend/package-lock.json": "{}"}
)

// with adds files to others.
func (f files) with(more ...files) files {
	all := files{}
	for _, each := range append([]files{f}, more...) {
		for name, text := range each {
			all[name] = text
		}
	}
	return all
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "both", files: api.with(web, files{"README.md": "#"}),
			want: `backend kind FastAPI (pip)
				backend why backend/requirements.txt and backend/main.py
				backend dir backend
				backend port 8000 /health / /docs
				frontend kind Vite (npm)
				frontend why frontend/package-lock.json and frontend/package.json
				frontend port 3000 /`, not: "note"},
		{name: "backend alone", files: api,
			want: `no frontend
				note no frontend found (looked for frontend/, web/, client/ and ui/ and at the root): the stack runs without one`},
		{name: "frontend alone", files: web,
			want: `no backend
				note no backend found (looked for backend/, api/ and server/ and at the root): the stack runs without one`},
		{name: "other names", files: files{"api/main.py": fastapi, "api/requirements.txt": pip, "client/package.json": vite},
			want: "backend dir api\nfrontend dir client"},
		{name: "yet other names", files: files{"server/package.json": express, "server/server.js": "", "ui/package.json": vite},
			want: "backend dir server\nbackend kind Express (npm)\nfrontend dir ui"},
		{name: "the first name that holds something", files: files{"web/README.md": "", "ui/package.json": vite}.with(api),
			want: "frontend dir ui"},
		{name: "named by the user", files: files{"services/core/main.py": fastapi, "services/core/requirements.txt": pip, "apps/site/package.json": vite},
			opt:  Options{BackendDir: "./services/core/", FrontendDir: "apps/site", BackendPort: 9000, FrontendPort: 9001},
			want: "backend dir services/core\nfrontend dir apps/site\nbackend port 9000\nfrontend port 9001"},
		{name: "root is a backend", files: files{"main.py": fastapi, "requirements.txt": pip}.with(web),
			want: "backend dir .\nfrontend dir frontend"},
		{name: "root package is a frontend", files: files{"package.json": vite, "index.html": ""},
			want: "frontend dir .\nno backend"},
		{name: "root package is a backend", files: files{"package.json": express, "server.js": ""},
			want: "backend dir .\nno frontend"},
		{name: "root package with a server and vite is a backend", want: "backend dir .\nno frontend",
			files: files{"server.js": "", "package.json": `{"scripts":{"dev":"node server.js"},"dependencies":{"express":"5"},"devDependencies":{"vite":"7"}}`}},
		{name: "root package with a mock server is a frontend", want: "frontend dir .\nno backend",
			files: files{"package.json": `{"scripts":{"dev":"vite"},"devDependencies":{"vite":"7","express":"5"}}`}},
		{name: "root package of plain node is a backend", want: "backend dir .\nbackend kind Node (npm)",
			files: files{"server.js": "", "package.json": `{"scripts":{"start":"PORT=1 node server.js"}}`}},
		{name: "root package without scripts", want: "backend run node index.js",
			files: files{"index.js": "", "package.json": `{}`}},
		{name: "root package that starts other folders is none", not: "backend kind Node",
			files: files{"package.json": `{"scripts":{"dev":"concurrently \"npm:dev:*\""},"devDependencies":{"concurrently":"9"}}`}.with(web),
			want:  "no backend\nfrontend dir frontend"},
		{name: "root Dockerfile beside a frontend package is a frontend", files: files{"Dockerfile": "FROM node\nCOPY . .\nCMD x", "package.json": vite},
			want: "frontend kind Dockerfile\nno backend"},
		{name: "root Dockerfile is a backend", files: files{"Dockerfile": "FROM x"}.with(web), want: "backend kind Dockerfile\nbackend dir ."},
		{name: "root manifest for tools alone", files: files{"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}.with(web),
			want: "no backend\nnote no backend found"},
		{name: "the root is one service", files: files{"main.py": fastapi, "requirements.txt": pip, "package.json": vite},
			want: "backend dir .\nno frontend"},
		{name: "the root is two services if the user says so", files: files{"main.py": fastapi, "requirements.txt": pip, "package.json": vite},
			opt: Options{FrontendDir: ".", BackendDir: "."}, want: "backend dir .\nfrontend dir ."},
		{name: "code in backend, manifest in the root", files: files{"requirements.txt": pip, "backend/main.py": fastapi, "backend/__init__.py": ""}.with(web),
			want: "backend dir .\nbackend run python -m uvicorn backend.main:app --host 0.0.0.0 --port 8000"},
		{name: "a folder that is no service is told", files: files{"api/openapi.yaml": ""}.with(web),
			want: `note no backend found (looked for backend/, api/ and server/ and at the root): the stack runs without one; no backend in "api": looked for`},
		{name: "a backend that is not wanted", files: files{"backend/Main.java": ""}.with(web), opt: Options{NoBackend: true}, want: "frontend kind"},
		{name: "a frontend that is not wanted", files: files{"frontend/index.html": ""}.with(api), opt: Options{NoFrontend: true}, want: "backend kind"},
	})
}

func TestPlacesErrors(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "empty", files: files{}, err: "the project's directory is empty: name one that holds a backend or a frontend with --project-path"},
		{name: "nothing but git", files: files{".git/HEAD": ""}, err: "is empty"},
		{name: "neither", files: files{"README.md": "", "notes.txt": "", ".git/HEAD": ""},
			err: "no backend and no frontend in the project: looked for the folders backend/, api/, server/, frontend/, web/, client/ and ui/, and for Dockerfile, go.mod, requirements.txt, pyproject.toml, Pipfile, manage.py and package.json in them and in the root; found README.md and notes.txt: name the folders with --backend-dir and --frontend-dir"},
		{name: "no frontend, the backend not being wanted", files: files{"README.md": ""}.with(api), opt: Options{NoBackend: true},
			err: "no frontend in the project: looked for the folders frontend/, web/, client/ and ui/, and for Dockerfile and package.json in them and in the root; found backend/ and README.md: name the folders with --frontend-dir"},
		{name: "one folder with nothing known", files: files{"api/README.md": "", "api/notes.txt": ""},
			err: `no backend in "api": looked for Dockerfile, go.mod, requirements.txt, pyproject.toml, Pipfile, manage.py and package.json; found README.md and notes.txt: name its folder with --backend-dir or its command with --backend-command`},
		{name: "a backend folder with nothing known is no stack without one", files: files{"backend/Main.java": ""}.with(web),
			err: `no backend in "backend": looked for Dockerfile`},
		{name: "a frontend folder with nothing known", files: files{"frontend/index.html": ""}.with(api),
			err: `no frontend in "frontend": looked for Dockerfile and package.json; found index.html`},
		{name: "two folders with nothing known", files: files{"api/x": "", "web/y": ""}, err: `; no backend in "api"`},
		{name: "no such folder", files: api.with(files{"docs/x.md": "", "Makefile": ""}), opt: Options{BackendDir: "srv"},
			err: `no folder "srv" for the backend: the project has backend/, docs/ and Makefile: name one of its folders with --backend-dir`},
		{name: "no such frontend folder", files: api, opt: Options{FrontendDir: "a/b"}, err: `no folder "a/b" for the frontend`},
		{name: "a file", files: api.with(files{"srv": ""}), opt: Options{BackendDir: "srv"}, err: `no folder "srv"`},
		{name: "outside", files: api, opt: Options{BackendDir: "../x"}, err: `--backend-dir "../x" is not a folder of the project: want a path below it, such as "backend"`},
		{name: "absolute", files: api, opt: Options{FrontendDir: "/x"}, err: `--frontend-dir "/x" is not a folder of the project`},
		{name: "a named folder with nothing known", files: api.with(files{"x/y": ""}), opt: Options{FrontendDir: "x"}, err: `no frontend in "x"`},
		{name: "a named folder with a broken manifest", files: web.with(files{"frontend/package.json": "7"}), opt: Options{FrontendDir: "frontend"}, err: "cannot read frontend/package.json"},
		{name: "many files", files: files{"a": "", "b": "", "c": "", "d": "", "e": "", "f": "", "g": "", "h": "", "i": "", "j": "", "k": "", "l": "", "m": "", "n": ""},
			err: "found a, b, c, d, e, f, g, h, i, j, k, l and 2 more"},
		{name: "a likely backend is not passed over", files: files{"requirements.txt": "flask", "run.sh": ""}.with(web),
			err: "cannot tell how the backend in the root of the project is started"},
		{name: "a broken package.json", files: files{"package.json": "{"}, err: "cannot read package.json: unexpected end of JSON input"},
	})
}

// remote counts calls, and fails on demand.
type remote struct {
	fs.FS
	calls *int
	fail  string
}

func (r remote) Open(name string) (fs.File, error) {
	*r.calls++
	if r.fail != "" && strings.HasSuffix(name, r.fail) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("the engine is gone")}
	}
	return r.FS.Open(name)
}

func TestFewCalls(t *testing.T) {
	t.Parallel()
	project := api.with(web)
	for i := range 200 {
		project[fmt.Sprintf("frontend/src/components/c%d/index.ts", i)] = ""
		project[fmt.Sprintf("backend/app%d/models.py", i)] = ""
	}
	var calls int
	if _, err := Project(remote{project.fs(), &calls, ""}, Options{}); err != nil {
		t.Fatal(err)
	}
	const most = 8 // three folders, and of each service two files
	if calls > most {
		t.Errorf("%d calls to the engine, want at most %d", calls, most)
	}
}

func TestFailingFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".", "backend", "main.py", "package.json"} {
		var calls int
		_, err := Project(remote{api.with(web).fs(), &calls, name}, Options{})
		if err == nil || !strings.Contains(err.Error(), "the engine is gone") {
			t.Errorf("%s: error %v, want that of the file system", name, err)
		}
	}
}

func TestEnvIsLiteral(t *testing.T) {
	t.Parallel()
	result, err := Project(api.with(web).fs(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(result.Backend.Build.Env, result.Frontend.Build.Env...) {
		if strings.Contains(strings.Replace(e.Value, "${PATH}", "", 1), "$") {
			t.Errorf("%+v: want a value, and no variable but PATH in it", e)
		}
	}
	var _ spec.Build = result.Backend.Build
}
