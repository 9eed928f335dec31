package golang

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
)

var packageMain = lazyregexp.New(`(?m)^package main\b`)

// main is the package to build, and the arguments of its program.
func (l look) main() (string, []string, error) {
	command := l.Role.Command
	if shell.Base(command) == "go" {
		return l.goRun()
	}
	if l.isMain(".") {
		return ".", nil, nil
	}
	where, mains := l.Path("cmd"), l.mainsIn("cmd")
	if len(mains) == 0 {
		where, mains = l.Quoted(), l.mainsIn(".")
	}
	called := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(mains), func(main string) bool {
			return !slices.Contains(names, strings.NewReplacer("-", "", "_", "").Replace(path.Base(main))) && !slices.Contains(names, path.Base(main))
		})
	}
	if len(command) > 0 {
		if named := called(command[0]); len(named) == 1 {
			return named[0], command[1:], nil
		}
	}
	switch servers := called("api", "apiserver", "app", "backend", "http", "httpserver", "rest", "server", "web", "webserver", path.Base(l.path)); {
	case len(mains) == 1:
		return mains[0], nil, nil
	case len(servers) == 1:
		l.Note("%s has the programs %s: %s is taken; name another with %s \"go run ./…\"", where, text.And(mains), servers[0], l.Role.CommandFlag())
		return servers[0], nil, nil
	case len(mains) > 1:
		return "", nil, &scan.Unknown{Likely: true, Text: fmt.Sprintf("cannot tell which program of %s is the %s: there are %s: name it, e.g. %s \"go run %s\"",
			l.Quoted(), l.Role.Name, text.And(mains), l.Role.CommandFlag(), mains[0])}
	}
	return "", nil, &scan.Unknown{Text: fmt.Sprintf("no program for the %s in %s: looked for a package main in the folder of go.mod, cmd, cmd/* and the other folders beside go.mod; found %s: name it, e.g. %s \"go run ./PACKAGE\"",
		l.Role.Name, l.Quoted(), l.Found(), l.Role.CommandFlag())}
}

// mainsIn are the programs in a folder, and in the folders below it.
func (l look) mainsIn(dir string) (mains []string) {
	if dir != "." && !l.HasDir(dir) {
		return nil
	}
	for _, name := range append([]string{"."}, l.Sub(dir).List().Dirs...) {
		if below := path.Join(dir, name); !slices.Contains(aside, name) && !l.Ignores(name) && l.isMain(below) {
			mains = append(mains, "./"+below)
		}
	}
	return mains
}

// aside are folders whose programs are no servers.
var aside = []string{"vendor", "testdata", "examples", "example", "scripts", "tools", "hack", "test", "tests", "docs"}

// goRun is the package and the arguments that the command go run names.
func (l look) goRun() (string, []string, error) {
	command := l.Role.Command
	if len(command) < 3 || command[1] != "run" || strings.HasPrefix(command[2], "-") {
		return "", nil, fmt.Errorf("%s %q is not understood: want the name of a program, or go run ./PACKAGE [ARGUMENTS]", l.Role.CommandFlag(), strings.Join(command, " "))
	}
	main, args := command[2], command[3:]
	if strings.HasSuffix(main, ".go") { // go run *.go: the package that the files are of
		main = "./" + path.Dir(main)
		args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasSuffix(arg, ".go") })
	}
	return main, args, nil
}

// isMain says whether a folder holds a program. All Go files of a folder agree, so one is read: main.go if there is one.
func (l look) isMain(dir string) bool {
	sub := l.Sub(dir)
	name := sub.First("main.go")
	for _, file := range sub.List().Files {
		if name == "" && strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") {
			name = file
		}
	}
	return packageMain.MatchString(sub.Read(name))
}

// programName is what go build would call the program.
func (l look) programName(main string) string {
	for _, name := range []string{path.Base(main), path.Base(l.path)} {
		if name != "." && name != ".." && name != "/" {
			return name
		}
	}
	return "app"
}
