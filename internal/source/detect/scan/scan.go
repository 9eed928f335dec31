// Package scan is the look at one folder for one service: what is looked for, what is found, and why nothing is.
package scan

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// Where things are in a container.
const (
	Target = "/app"       // the source
	Tools  = "/opt/tools" // package managers, apart from what they install
	Home   = "/home/app"  // of user 1000, which has none in most images
)

// Role is what a service is to the stack, and what a user may have said about the service.
type Role struct {
	Name    string
	Backend bool
	Command []string // given by the user
	Port    int
	// Production: the service is to be built, where its development server would be run otherwise.
	Production bool
}

// DirFlag is the flag that names the service's folder.
func (r Role) DirFlag() string { return "--" + r.Name + "-dir" }

// CommandFlag is the flag that gives the service's command.
func (r Role) CommandFlag() string { return "--" + r.Name + "-command" }

// Scan is the look at one folder for one service.
type Scan struct {
	tree.Folder // of the service
	Root        tree.Folder
	Role        Role
	Notes       []string
}

// Note tells the user something, in a sentence.
func (s *Scan) Note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// NoteWhole tells the user that packages are installed from the whole source.
func (s *Scan) NoteWhole(manifest, why string) {
	s.Note("%s: %s, so that packages are installed anew after every edit", manifest, why)
}

// Service is one service of the project.
type Service struct {
	Dir  string // folder of the project: "." or e.g. "backend"
	Kind string // e.g. "FastAPI (uv)"
	Why  string // the files that say so

	Build spec.Build
	// Pins are names of files that say, in Dir or above it, which image and which packages a build takes, also where there are none yet.
	Pins []string
	// Command is the whole argument vector. Nil: the image's own, of a Dockerfile.
	Command []string
	// Workdir is where Command runs. "": the image's own, of a Dockerfile.
	Workdir     string
	Port        int      // where the service listens, which PORT in its environment tells it
	HealthPaths []string // what to ask over HTTP, the likeliest first
	Databases   bool     // has a client of a database, whatever its role
	Heavy       bool     // compiles pages while it serves them
	Program     string   // the folder of its package main, of a program in Go
	Worker      Worker   // what works beside the service
	Proxied     []int    // ports of localhost to which it hands requests on
	Proxies     string   // the file that says so
	Production  bool     // it is built for production
	Workers     bool     // its server has as many processes as WEB_CONCURRENCY says
	Routes      []Route  // what the file server of a built frontend hands on to the backend
	// Migration is how its database is brought up to date. Its Workdir is below Dir until the service is complete.
	Migration project.Migration
}

// Route is a path whose requests a development server hands on.
type Route struct {
	Path  string // "": all that no file is for
	Strip bool   // without the path
}

// Worker is a process of the service's code that does what the service hands on. Command is nil without one.
type Worker struct {
	Command []string
	Why     string // the file that says so
}

// Service is what services of all kinds share.
func (s *Scan) Service(kind, why string) *Service {
	found := &Service{Dir: s.Dir, Kind: kind, Why: why, Port: s.Role.Port, HealthPaths: []string{"/"}}
	if s.Role.Backend {
		found.HealthPaths = []string{"/health", "/"}
	}
	return found
}

// Env is the environment of a build and its service, which listens on a port: what every service has, then more, each as NAME=VALUE.
func Env(port int, more ...string) []spec.BuildVariable {
	return Variables(append([]string{"HOME=" + Home, "HOST=0.0.0.0", "PORT=" + strconv.Itoa(port)}, more...)...)
}

// Variables are those of a build, each as NAME=VALUE.
func Variables(pairs ...string) (env []spec.BuildVariable) {
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		env = append(env, spec.BuildVariable{Name: name, Value: value})
	}
	return env
}

// Workdir is a folder of the service in the container, when the build takes buildDir of the project.
func (s *Scan) Workdir(buildDir, below string) string {
	return path.Join(Target, tree.Relative(buildDir, s.Dir), below)
}

// Above are the folders in which a version file counts: the service's own, then those above it up to the project's root.
func (s *Scan) Above() (folders []tree.Folder) {
	for dir := s.Dir; ; dir = path.Dir(dir) {
		folders = append(folders, s.Root.At(dir))
		if dir == "." {
			return folders
		}
	}
}

// Common is the folder of the project that holds the service's folder and others, which are paths seen from the service's folder. A
// path that leads out of the project is an error.
func (s *Scan) Common(manifest string, paths ...string) (string, error) {
	common := s.Dir
	for _, name := range paths {
		if err := tree.Outside(manifest, ".", name); err != nil {
			return "", err
		}
		for full := path.Join(path.Dir(manifest), name); !s.Root.At(common).Contains(full); {
			common = path.Dir(common)
		}
	}
	return common, nil
}

// Unknown is the error for a folder that does not hold the service that is looked for. The search then goes on in the
// next folder; any other error ends the search.
type Unknown struct {
	Text   string
	Bare   bool // nothing in the folder says that it is a service
	Likely bool // there is a service, but how it is run is not known: to search on would hide that
}

func (u *Unknown) Error() string { return u.Text }

// All is one error of several, a line each, so that a user reads all of them at once; nil if there is none. A single one stays what it is.
func All(errs ...error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	if len(errs) == 1 {
		return errs[0]
	}
	var lines []string
	for _, err := range errs {
		if !slices.Contains(lines, err.Error()) {
			lines = append(lines, err.Error())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}
