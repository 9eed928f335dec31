package detect

import (
	"fmt"
	goversion "go/version"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"dagger/stack/internal/spec"
)

// Where a compiled program lies, in the image it is built in and in the one it runs on.
const programs = "/opt/bin"

// golang is a service that is compiled: what runs is one file, on a small image.
func (s *scan) golang() (*Service, error) {
	mod, err := modfile.Parse(s.path("go.mod"), []byte(s.read("go.mod")), nil)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", s.path("go.mod"), err)
	}
	work, err := s.goWork()
	if err != nil {
		return nil, err
	}
	tag, err := goVersion(mod, s.path("go.mod"))
	if err != nil {
		return nil, err
	}
	main, args, err := s.goMain(mod)
	if err != nil {
		return nil, err
	}
	buildDir, step := s.dir, spec.Step{Files: []string{"go.mod", "go.sum"}, Command: []string{"go", "mod", "download"}}
	if work {
		buildDir, step.Files = ".", []string{"go.work", "go.work.sum", "**/go.mod", "**/go.sum"}
	}
	for _, replace := range mod.Replace {
		if replace.New.Version != "" {
			continue
		}
		if err := outside(s.path("go.mod"), buildDir, replace.New.Path); err != nil {
			return nil, err
		}
		step.Files = append(step.Files, path.Join(replace.New.Path, "go.mod"), path.Join(replace.New.Path, "go.sum"))
	}
	name := programName(mod, main)
	artifact := path.Join(programs, name)
	found := s.result("Go", s.path("go.mod")+"; package "+main)
	found.Workdir = s.workdir(buildDir, "")
	found.Command = append([]string{artifact}, args...)
	found.Build = spec.Build{
		Image: "golang:" + tag + "-alpine", Dir: buildDir, Target: target,
		Env: append(s.env(),
			spec.BuildVariable{Name: "PATH", Value: programs + ":${PATH}"},
			spec.BuildVariable{Name: "GOMODCACHE", Value: "/cache/go-mod"},
			spec.BuildVariable{Name: "GOCACHE", Value: "/cache/go-build"},
			// The image has no C compiler, and the one it runs on another C library than most.
			spec.BuildVariable{Name: "CGO_ENABLED", Value: "0"},
			spec.BuildVariable{Name: "GOFLAGS", Value: "-buildvcs=false"}, // .git is not there
		),
		Caches:  []spec.Cache{{Name: "go-mod", Path: "/cache/go-mod"}, {Name: "go-build", Path: "/cache/go-build"}},
		Folders: []string{home, programs},
		Steps:   []spec.Step{step},
		Compile: &spec.Compile{
			// The image it runs on has no time zones: the program brings them.
			Command:  []string{"go", "build", "-C", found.Workdir, "-trimpath", "-tags=timetzdata", "-o", artifact, main},
			Artifact: artifact, Image: "alpine:3",
		},
	}
	if s.hasDir("vendor") && !work { // go build takes it from there
		found.Build.Steps = nil
	}
	for _, require := range mod.Require {
		if require.Mod.Path == "github.com/mattn/go-sqlite3" {
			s.note("%s needs %s, which needs a C compiler: without one it compiles, and fails when it is used; add a Dockerfile", s.path("go.mod"), require.Mod.Path)
		}
	}
	if command := s.role.command; len(command) > 0 && base(command) != "go" && command[0] != name {
		found.Command = command
	}
	return found, nil
}

// goWork says whether the module is a member of a workspace at the project's root.
func (s *scan) goWork() (bool, error) {
	if s.dir == "." || !s.root.has("go.work") {
		return false, nil
	}
	work, err := modfile.ParseWork("go.work", []byte(s.root.read("go.work")), nil)
	if err != nil {
		return false, fmt.Errorf("cannot read go.work: %w", err)
	}
	return slices.ContainsFunc(work.Use, func(use *modfile.Use) bool { return path.Clean(use.Path) == s.dir }), nil
}

// goVersion is the image's: a module's go line is the least it needs, and a newer Go builds it as that one would.
func goVersion(mod *modfile.File, source string) (string, error) {
	least := "go" + goLanguage.byDefault
	if mod.Go != nil && goversion.Compare("go"+mod.Go.Version, least) > 0 {
		least = "go" + mod.Go.Version
	}
	if mod.Toolchain != nil && goversion.Compare(mod.Toolchain.Name, least) > 0 {
		least = mod.Toolchain.Name
	}
	tag := strings.TrimPrefix(goversion.Lang(least), "go")
	if _, ok := goLanguage.release(tag); !ok {
		return "", goLanguage.unknown(strings.TrimPrefix(least, "go"), source)
	}
	return tag, nil
}

var packageMain = regexp.MustCompile(`(?m)^package main\b`)

// goMain is the package to build, and what its program is called with.
func (s *scan) goMain(mod *modfile.File) (string, []string, error) {
	command := s.role.command
	if base(command) == "go" {
		if len(command) < 3 || command[1] != "run" || strings.HasPrefix(command[2], "-") {
			return "", nil, fmt.Errorf("%s %q is not understood: want the name of a program, or go run ./PACKAGE [ARGUMENTS]", s.role.commandFlag(), strings.Join(command, " "))
		}
		main, args := command[2], command[3:]
		if strings.HasSuffix(main, ".go") { // go run *.go: the package that the files are of
			main = "./" + path.Dir(main)
			args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasSuffix(arg, ".go") })
		}
		return main, args, nil
	}
	if s.isMain(".") {
		return ".", nil, nil
	}
	var mains []string
	if s.hasDir("cmd") {
		for _, name := range append([]string{"."}, s.sub("cmd").list().dirs...) {
			if dir := path.Join("cmd", name); s.isMain(dir) {
				mains = append(mains, "./"+dir)
			}
		}
	}
	called := func(names ...string) func(string) bool {
		return func(main string) bool { return !slices.Contains(names, path.Base(main)) }
	}
	if len(command) > 0 {
		if named := slices.DeleteFunc(slices.Clone(mains), called(command[0])); len(named) == 1 {
			return named[0], command[1:], nil
		}
	}
	switch servers := slices.DeleteFunc(slices.Clone(mains), called("api", "app", "backend", "server", "web", path.Base(modulePath(mod)))); {
	case len(mains) == 1:
		return mains[0], nil, nil
	case len(servers) == 1:
		s.note("%s has the programs %s: %s is taken; name another with %s \"go run ./cmd/…\"", s.path("cmd"), and(mains), servers[0], s.role.commandFlag())
		return servers[0], nil, nil
	case len(mains) > 1:
		return "", nil, &unknown{likely: true, text: fmt.Sprintf("cannot tell which program of %s is the %s: there are %s: name it, e.g. %s \"go run %s\"",
			s.quoted(), s.role.name, and(mains), s.role.commandFlag(), mains[0])}
	}
	return "", nil, &unknown{text: fmt.Sprintf("no program for the %s in %s: looked for a package main in the folder of go.mod, cmd and cmd/*; found %s: name it, e.g. %s \"go run ./PACKAGE\"",
		s.role.name, s.quoted(), s.found(), s.role.commandFlag())}
}

// isMain says whether a folder holds a program. Its files agree on that, so one is enough: main.go if there is one.
func (f folder) isMain(dir string) bool {
	sub := f.sub(dir)
	name := sub.first("main.go")
	for _, file := range sub.list().files {
		if name == "" && strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") {
			name = file
		}
	}
	return packageMain.MatchString(sub.read(name))
}

func modulePath(mod *modfile.File) string {
	if mod.Module == nil {
		return ""
	}
	return mod.Module.Mod.Path
}

// programName is what go build would call it.
func programName(mod *modfile.File, main string) string {
	for _, name := range []string{path.Base(main), path.Base(modulePath(mod))} {
		if name != "." && name != ".." && name != "/" {
			return name
		}
	}
	return "app"
}
