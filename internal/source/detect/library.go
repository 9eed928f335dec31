package detect

import (
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"dagger/stack/internal/source/detect/variables"
)

// migratesInCode leaves a migration to a program in Go that has the tool as a library. A program beside it that has the library, and
// that nobody starts, does not count.
func (found Result) migratesInCode(texts []variables.Text) {
	if found.Backend == nil || library(found.Backend.Migration) == "" || found.Backend.Migration.Missing != "" {
		return
	}
	p := packages{module: found.Backend.Dir, files: map[string][]string{}}
	for _, t := range texts {
		switch {
		case t.File == path.Join(p.module, "go.mod"):
			p.path = modfile.ModulePath([]byte(t.Text))
		case path.Ext(t.File) == ".go":
			p.files[path.Dir(t.File)] = append(p.files[path.Dir(t.File)], t.Text)
		}
	}
	if by := p.importer(found.Backend.Program, library(found.Backend.Migration)); by != "" {
		found.Backend.Migration.Missing = "the backend has it as a library (" + by + "), and is expected to run them itself"
	}
}

// packages are the folders of a module of Go, and the texts of the files in them.
type packages struct {
	module, path string // its folder, and what its packages' paths begin with
	files        map[string][]string
}

// importer is the folder of the package that takes in a library, of those that a program is made of; "" if there is none.
func (p packages) importer(program, library string) string {
	seen := map[string]bool{}
	for next := []string{program}; len(next) > 0; next = next[1:] {
		folder := next[0]
		if seen[folder] {
			continue
		}
		seen[folder] = true
		for _, text := range p.files[folder] {
			for _, name := range imports(text) {
				switch below, own := strings.CutPrefix(name, p.path+"/"); {
				case name == library || strings.HasPrefix(name, library+"/") && !strings.HasPrefix(name, library+"/cmd/"):
					return folder
				case own:
					next = append(next, path.Join(p.module, below))
				}
			}
		}
	}
	return ""
}

// imports are the packages that a file takes in, if the file is compiled without a tag of the project's.
func imports(text string) (names []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			break
		}
		if expression, err := constraint.Parse(line); err == nil && !expression.Eval(isPlatform) {
			return nil
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ImportsOnly)
	if err != nil {
		return nil // the build says what is wrong
	}
	for _, spec := range file.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// isPlatform says whether a tag is one of those that a build has by itself.
func isPlatform(tag string) bool {
	return tag == "linux" || tag == "unix" || tag == "amd64" || tag == "arm64" || strings.HasPrefix(tag, "go1.")
}
