// Package golang says how a service in Go is built: what runs is one compiled file, on a small image.
package golang

import (
	"fmt"
	goversion "go/version"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/source/detect/version"
	"dagger/stack/internal/spec"
)

// programs is where a compiled program lies, in the image that builds the program and in the one that runs it.
const programs = "/opt/bin"

// look is the look at the folder of a Go module.
type look struct {
	*scan.Scan
	mod  *modfile.File
	path string // of the module
}

// Is says whether a folder holds a Go module.
func Is(f tree.Folder) bool { return f.Has("go.mod") }

// Names are what a folder's go.mod calls the module, without the number of its version.
func Names(f tree.Folder) []string {
	name, _, _ := module.SplitPathVersion(modfile.ModulePath([]byte(f.Read("go.mod"))))
	return []string{name}
}

// Service is the service in a folder with a go.mod.
func Service(s *scan.Scan) (*scan.Service, error) {
	data := []byte(s.Read("go.mod"))
	mod, err := modfile.Parse(s.Path("go.mod"), data, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", s.Path("go.mod"), err)
	}
	l := look{s, mod, modfile.ModulePath(data)}
	work, err := l.inWorkspace()
	if err != nil {
		return nil, err
	}
	tag, err := l.version()
	if err != nil {
		return nil, err
	}
	main, args, err := l.main()
	if err != nil {
		return nil, err
	}
	buildDir, err := s.Common(s.Path("go.mod"), l.replaced()...)
	if err != nil {
		return nil, err
	}
	if work {
		buildDir = "."
	}
	steps, err := l.download(buildDir, work)
	if err != nil {
		return nil, err
	}
	name := l.programName(main)
	artifact := path.Join(programs, name)
	found := s.Service("Go", s.Path("go.mod")+"; package "+main)
	if port := l.listens(main); port != 0 {
		found.Port = port
	}
	found.Program = s.Path(strings.TrimPrefix(main, "./"))
	found.Workdir = s.Workdir(buildDir, "")
	found.Command = append([]string{artifact}, args...)
	if command := s.Role.Command; len(command) > 0 && shell.Base(command) != "go" && command[0] != name {
		found.Command = command
	}
	compiler := l.compiler()
	found.Build = spec.Build{
		Image: "golang:" + tag + compiler.suffix, Dir: buildDir, Target: scan.Target,
		Env: scan.Env(found.Port, "PATH="+programs+":${PATH}", "GOMODCACHE=/cache/go-mod", "GOCACHE=/cache/go-build",
			"CGO_ENABLED="+compiler.cgo, "GOFLAGS=-buildvcs=false"), // .git is not there
		Caches:  []spec.Cache{{Name: "go-mod", Path: "/cache/go-mod"}, {Name: "go-build", Path: "/cache/go-build"}},
		Folders: []string{scan.Home, programs},
		Steps:   steps,
		Scratch: !l.requires(clients...), // what has no server for its data keeps it in files
		Compile: &spec.Compile{
			Command:  slices.Concat([]string{"go", "build", "-C", found.Workdir, "-trimpath"}, compiler.flags, []string{"-o", artifact, main}),
			Artifact: artifact, Image: "alpine:3",
		},
	}
	if s.Role.Production {
		l.produce(found)
	}
	return found, nil
}

// useless are files of the source that a compiled program has no use for.
var useless = append([]string{
	"**/*.go", "**/go.mod", "**/go.sum", "**/go.work", "**/go.work.sum", "**/vendor", "**/testdata", "**/node_modules", "**/Makefile", "**/.golangci*",
}, scan.Private...)

// produce has the image of the program hold no source but the files that a program may read, and a program without what only debuggers want.
func (l look) produce(found *scan.Service) {
	found.Production = true
	found.Kind += ", production"
	compile := found.Build.Compile
	compile.Without = useless
	if !slices.ContainsFunc(compile.Command, func(word string) bool { return strings.HasPrefix(word, "-ldflags") }) {
		at := slices.Index(compile.Command, "-trimpath")
		compile.Command = slices.Insert(compile.Command, at+1, "-ldflags=-s -w")
	}
}

// download are the steps that bring the modules which the build needs.
func (l look) download(buildDir string, work bool) ([]spec.Step, error) {
	wanted := []string{"go.mod", "go.sum"}
	if work {
		wanted = []string{"go.work", "go.work.sum", "**/go.mod", "**/go.sum"}
	}
	for _, replace := range l.mod.Replace {
		if replace.New.Version != "" {
			continue
		}
		wanted = append(wanted, path.Join(replace.New.Path, "go.mod"), path.Join(replace.New.Path, "go.sum"))
	}
	if l.HasDir("vendor") && !work { // go build takes the modules from there
		return nil, nil
	}
	steps := []spec.Step{{Files: wanted, Command: []string{"go", "mod", "download"}}}
	if work {
		return steps, nil
	}
	return scan.Within(tree.Relative(buildDir, l.Dir), steps), nil
}

// clients are the modules by which a program talks to a server of data.
var clients = []string{"github.com/lib/pq", "github.com/jackc/pgx", "gorm.io/driver/postgres", "github.com/go-sql-driver/mysql", "go.mongodb.org/mongo-driver"}

// requires says whether one of several modules is needed, of whatever major version.
func (l look) requires(modules ...string) bool { return l.required(modules) != "" }

// required is the module that is needed of several, "" if none is.
func (l look) required(modules []string) string {
	for _, r := range l.mod.Require {
		if slices.ContainsFunc(modules, func(module string) bool { return r.Mod.Path == module || strings.HasPrefix(r.Mod.Path, module+"/") }) {
			return r.Mod.Path
		}
	}
	return ""
}

// replaced are the folders that the module takes other modules from.
func (l look) replaced() (dirs []string) {
	for _, replace := range l.mod.Replace {
		if replace.New.Version == "" {
			dirs = append(dirs, replace.New.Path)
		}
	}
	return dirs
}

// inWorkspace says whether the module is a member of a workspace at the project's root.
func (l look) inWorkspace() (bool, error) {
	if l.Dir == "." || !l.Root.Has("go.work") {
		return false, nil
	}
	work, err := modfile.ParseWork("go.work", []byte(l.Root.Read("go.work")), nil)
	if err != nil {
		return false, fmt.Errorf("cannot read go.work: %w", err)
	}
	return slices.ContainsFunc(work.Use, func(use *modfile.Use) bool { return path.Clean(use.Path) == l.Dir }), nil
}

// releases are as of November 2026.
var releases = version.Language{Name: "Go", Default: "1.26", Supported: []string{"1.26", "1.27"}}

// version is the image's. A module's go line is the oldest Go that the module needs; a newer Go builds it as that Go would.
func (l look) version() (string, error) {
	least := "go" + releases.Default
	if l.mod.Go != nil && goversion.Compare("go"+l.mod.Go.Version, least) > 0 {
		least = "go" + l.mod.Go.Version
	}
	if l.mod.Toolchain != nil && goversion.Compare(l.mod.Toolchain.Name, least) > 0 {
		least = l.mod.Toolchain.Name
	}
	tag := strings.TrimPrefix(goversion.Lang(least), "go")
	if !slices.Contains(releases.Supported, tag) {
		return "", releases.Unknown(strings.TrimPrefix(least, "go"), l.Path("go.mod"))
	}
	return tag, nil
}
