package detect

import (
	"fmt"
	"path"
	"slices"

	"dagger/stack/internal/source/detect/golang"
	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/python"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
)

// language is one that servers are written in. Node is none of them: pages are made with it as well.
type language struct {
	name       string
	files      []string // say that a folder holds a service in it
	endings    []string // of its source
	programs   []string // run on its image, where a command is all that is known
	besideNode bool     // a server in Node may have its files, for scripts
	is         func(tree.Folder) bool
	project    func(tree.Folder) bool // says the same of a project's root, where files may do no more than configure tools
	names      func(tree.Folder) []string
	service    func(*scan.Scan) (*Service, error)
}

// languages are all of them. The first that a folder's files are of counts.
var languages = []language{
	{
		name: "Go", files: []string{"go.mod"}, endings: []string{".go"},
		is: golang.Is, project: golang.Is, names: golang.Names, service: golang.Service,
	},
	{
		name: "Python", files: []string{"requirements.txt", "pyproject.toml", "Pipfile", "manage.py"}, endings: []string{".py"},
		programs: []string{"python", "python3", "uvicorn", "gunicorn", "hypercorn", "flask", "fastapi"}, besideNode: true,
		is: python.Is, project: python.IsProject, names: python.Names, service: python.Service,
	},
}

// languageOf is the language that a folder's files are of, nil if there is none.
func languageOf(f tree.Folder) *language {
	for i := range languages {
		if languages[i].is(f) {
			return &languages[i]
		}
	}
	return nil
}

// isProject tells whether a folder is the root of a project in one of them.
func isProject(f tree.Folder) bool {
	return slices.ContainsFunc(languages, func(l language) bool { return l.project(f) })
}

func languageNames() (names []string) {
	for _, l := range languages {
		names = append(names, l.name)
	}
	return names
}

// markers are the files that say that a folder holds a server.
func markers() []string {
	files := []string{"Dockerfile"}
	for _, l := range languages {
		files = append(files, l.files...)
	}
	return append(files, "package.json")
}

// sources are how files of source end.
func sources() []string {
	endings := []string{".js", ".mjs", ".ts"}
	for _, l := range languages {
		endings = append(endings, l.endings...)
	}
	return endings
}

// others are languages that are known by name alone, and the files by which they are known.
var others = []struct{ file, name string }{
	{"composer.json", "PHP"}, {"Cargo.toml", "Rust"}, {"pom.xml", "Java"}, {"build.gradle", "Java or Kotlin"}, {"build.gradle.kts", "Java or Kotlin"},
	{"Gemfile", "Ruby"}, {"mix.exs", "Elixir"}, {"build.sbt", "Scala"}, {"Package.swift", "Swift"}, {"rebar.config", "Erlang"}, {"deno.json", "Deno"}, {"deno.jsonc", "Deno"},
	{"deps.edn", "Clojure"}, {"project.clj", "Clojure"}, {"stack.yaml", "Haskell"}, {"pubspec.yaml", "Dart"}, {"gleam.toml", "Gleam"}, {"build.zig", "Zig"},
}

// other is the language of a folder and the file that says so, "" if the folder's files are of no other language. A package.json
// with a server of its own says more than a file of another language beside it.
func other(f tree.Folder) string {
	if pkg, err := node.ReadManifest(f); err == nil && pkg.Server() != "" {
		return ""
	}
	for _, l := range others {
		if f.Has(l.file) {
			return fmt.Sprintf("%s (%s)", l.name, f.Path(l.file))
		}
	}
	for _, file := range f.List().Files {
		if ext := path.Ext(file); ext == ".csproj" || ext == ".sln" || ext == ".fsproj" {
			return fmt.Sprintf("%s (%s)", ".NET", f.Path(file))
		}
	}
	return ""
}

// unknownLanguage is the error for a folder whose language is known by name alone.
func unknownLanguage(s *scan.Scan, r role) error {
	return &scan.Unknown{Likely: r.Backend, Text: fmt.Sprintf("%s: add a Dockerfile: the %s in %s is built without one only for %s; or take it out with without-service --name %s",
		other(s.Folder), r.Name, s.Quoted(), text.And(append(languageNames(), "Node")), r.Name)}
}
