// Package detect looks at a project's files and says how its backend and its frontend are built and run.
//
// The rules are told in docs/detection.md. In short: a folder is found by its name, what is in it by its manifest, a
// Dockerfile wins, and what cannot be found out is an error that names what was looked for and the flag that helps.
//
// The project lies in the engine, where every listing and every file is a call. So nothing is walked, each folder is
// listed and each file read at most once, and only where a listing says that it is there.
package detect

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"

	"dagger/stack/internal/spec"
)

// Options overrule what would be found.
type Options struct {
	BackendDir, FrontendDir         string   // folders of the project; "": looked for
	BackendCommand, FrontendCommand []string // nil: found out
	BackendPort, FrontendPort       int      // in the container; 0: 8000 and 3000
	NoBackend, NoFrontend           bool     // not to be looked for
}

// Result is what a project's stack has besides its databases. At least one of the two is set.
type Result struct {
	Backend, Frontend *Service
	Notes             []string // what a user may want to know, a sentence each
}

// Service is one part of the project.
type Service struct {
	Dir  string // folder of the project: "." or e.g. "backend"
	Kind string // e.g. "FastAPI (uv)"
	Why  string // the files that say so

	Build spec.Build
	// Command is the whole argument vector. Nil: the image's own, of a Dockerfile.
	Command []string
	// Workdir is where Command runs. "": the image's own, of a Dockerfile.
	Workdir     string
	Port        int      // where it listens, which PORT in its environment tells it
	HealthPaths []string // what to ask over HTTP, the likeliest first
}

// Project says how a project's services are built and run.
func Project(fsys fs.FS, opt Options) (Result, error) {
	if opt.BackendPort == 0 {
		opt.BackendPort = 8000
	}
	if opt.FrontendPort == 0 {
		opt.FrontendPort = 3000
	}
	files := newTree(fsys)
	result, err := place(folder{files, "."}, opt)
	if files.err != nil { // what was concluded from files that could not be read counts for nothing
		return Result{}, fmt.Errorf("cannot read the project: %w", files.err)
	}
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// Where things are in a container.
const (
	target = "/app"       // the source
	tools  = "/opt/tools" // package managers, apart from what they install
	home   = "/home/app"  // of uid 1000, which has none in most images
)

// scan is the look at one folder for one service.
type scan struct {
	folder        // of the service
	root   folder // of the project
	role   role
	notes  []string
}

func (s *scan) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// service is what the folder holds, or an unknown error.
func (s *scan) service() (*Service, error) {
	switch {
	case s.has("Dockerfile"):
		return s.docker()
	case s.role.backend && s.has("go.mod"):
		return s.golang()
	case s.role.backend && s.isPython():
		found, err := s.python()
		if !isUnknown(err) || !s.has("package.json") {
			return found, err
		}
		// A Node server may well bring a requirements.txt for its scripts.
		if pkg, bad := readPackage(s.folder); bad != nil || pkg.server() == "" {
			return nil, err
		}
	}
	if s.has("package.json") {
		return s.node()
	}
	if len(s.role.command) > 0 {
		return s.commandOnly()
	}
	return nil, s.nothing()
}

// commandOnly runs a given command in a folder whose files say nothing, on the image that the command's name asks for.
func (s *scan) commandOnly() (*Service, error) {
	switch command := s.role.command[0]; path.Base(command) {
	case "python", "python3", "uvicorn", "gunicorn", "hypercorn", "flask", "fastapi":
		return s.python()
	case "node", "npm", "npx":
		return s.node()
	default:
		return nil, &unknown{text: fmt.Sprintf("cannot tell what %q runs on in %s: looked for %s; found %s: add one of them, e.g. a Dockerfile",
			command, s.quoted(), or(s.role.markers), s.found())}
	}
}

// result is the part of a service that all kinds share.
func (s *scan) result(kind, why string) *Service {
	found := &Service{Dir: s.dir, Kind: kind, Why: why, Port: s.role.port, HealthPaths: []string{"/"}}
	if s.role.backend {
		found.HealthPaths = []string{"/health", "/"}
	}
	return found
}

// env is what every service of ours has in its environment.
func (s *scan) env() []spec.BuildVariable {
	return []spec.BuildVariable{{Name: "HOME", Value: home}, {Name: "HOST", Value: "0.0.0.0"}, {Name: "PORT", Value: strconv.Itoa(s.role.port)}}
}

// workdir is a folder of the service in the container, when the build takes buildDir of the project.
func (s *scan) workdir(buildDir, below string) string {
	dir := path.Join(s.dir, below)
	if buildDir != "." { // then it is the service's own folder
		dir = below
	}
	return path.Join(target, dir)
}
