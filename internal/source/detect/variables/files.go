package variables

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/tree"
)

// Selector is a file system that can hand out a part of its files at once: where each file is a call to the engine, that is
// what makes reading many of them cheap.
type Selector interface {
	// Select calls do with the files that match one of the patterns, which are those of Dagger's Directory.filter.
	Select(patterns []string, do func(fs.FS) error) error
}

type kind struct {
	patterns []string
	is       func(name string) bool
}

// kinds are the files that are read, by the end of their names.
var kinds = []kind{
	{patterns: []string{"*.py"}, is: python},
	{patterns: []string{"*.js", "*.ts", "*.mjs", "*.cjs", "*.mts", "*.cts", "*.jsx", "*.tsx", "*.vue", "*.svelte", "*.astro"}, is: javaScript},
	{patterns: []string{"*.go"}, is: golang},
	{patterns: []string{"*.prisma"}, is: prisma},
	{patterns: []string{"Dockerfile*", "*.Dockerfile"}, is: docker},
	{patterns: []string{".env*", "*.env", "env.*", "env-*", "*.env.*", "example.env"}, is: func(name string) bool { _, known := origin(name); return known }},
	{patterns: []string{"package.json", "pyproject.toml", "requirements*.txt", "requirements/*.txt", "Pipfile", "go.mod", "setup.py"}, is: Manifest},
}

// schema are the files that make a project's database.
func schema(name string) bool {
	return ends(name, ".sql") || migrations.MatchString(name) && (python(name) || javaScript(name) || golang(name))
}

func ends(name string, ends ...string) bool { return slices.Contains(ends, path.Ext(name)) }

func python(name string) bool { return ends(name, ".py") }
func golang(name string) bool { return ends(name, ".go") && !strings.HasSuffix(name, "_test.go") }
func prisma(name string) bool { return ends(name, ".prisma") }
func javaScript(name string) bool {
	return ends(name, ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte", ".astro") &&
		!strings.HasSuffix(name, ".d.ts") && !strings.HasSuffix(name, ".min.js")
}

// Manifest says whether a file lists packages.
func Manifest(name string) bool {
	base := path.Base(name)
	return slices.Contains([]string{"package.json", "pyproject.toml", "Pipfile", "go.mod", "setup.py"}, base) ||
		strings.HasSuffix(name, ".txt") && (strings.HasPrefix(base, "requirements") || path.Base(path.Dir(name)) == "requirements")
}

// aside are folders and files that no service runs: tests, examples, and settings of other places. What lies in besides is run by a person, or
// once.
var (
	aside     = lazyregexp.New(`(?:^|/)(?:tests?|__tests__|__mocks__|spec|e2e|cypress|playwright|examples?|samples?|fixtures|docs?|vendor|node_modules|dist|build|stories|\.github|\.storybook|site-packages)/`)
	besides   = lazyregexp.New(`(?:^|/)(?:migrations|versions|scripts|tools)/`)
	asideFile = lazyregexp.New(`(?:^|/)(?:conftest\.py|test_[^/]*\.py|[^/]*_test\.py|[^/]*\.(?:test|spec|stories|e2e)\.\w+|(?:prod|production|stage|staging|test|tests|testing|ci|deploy)\.(?:py|js|ts))$`)
)

// migrations are folders of migrations: Alembic's, Django's, Drizzle's and their like.
var migrations = lazyregexp.New(`(?:^|/)(?:migrations?|versions|drizzle)/`)

// most bounds the text of one file: what is longer is generated.
const most = 256 << 10

// Files are the files of a project that may say something of variables, by their paths, and those that make its database.
func Files(fsys fs.FS) (texts, schemas []Text, err error) {
	patterns := []string{"*.sql"}
	for _, kind := range kinds {
		patterns = append(patterns, kind.patterns...)
	}
	return selected(fsys, patterns)
}

// With are the files, and those files of the whole project that give variables: git mostly ignores them.
func With(texts []Text, all fs.FS) ([]Text, error) {
	given, _, err := selected(all, givenNames)
	gives := func(t Text) bool { is, known := origin(t.File); return known && is == Given }
	texts = slices.DeleteFunc(slices.Clone(texts), gives)
	return append(texts, slices.DeleteFunc(given, func(t Text) bool { return !gives(t) })...), err
}

// selected are the files below which match one of the patterns, at least.
func selected(fsys fs.FS, names []string) (texts, schemas []Text, err error) {
	selector, is := fsys.(Selector)
	if !is {
		return walk(fsys)
	}
	var patterns []string
	for _, name := range names {
		patterns = append(patterns, "**/"+name)
	}
	err = selector.Select(patterns, func(fsys fs.FS) error {
		texts, schemas, err = walk(fsys)
		return err
	})
	return texts, schemas, err
}

func walk(fsys fs.FS) (texts, schemas []Text, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if base := path.Base(name); base == "node_modules" || base == ".git" || aside.MatchString(name+"/") && name != "." {
				return fs.SkipDir
			}
			return nil
		}
		counts := !besides.MatchString(name) && slices.ContainsFunc(kinds, func(k kind) bool { return k.is(name) })
		if !entry.Type().IsRegular() || asideFile.MatchString(name) || !counts && !schema(name) {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		switch text := (Text{name, string(data)}); {
		case err != nil || len(data) > most:
		case counts:
			texts = append(texts, text)
		default:
			schemas = append(schemas, text)
		}
		return err
	})
	return texts, schemas, err
}

// Of are the files that count for a service: those of its own folder, those beside it that its build takes and that are no other
// service's, the Dockerfile that it is built from, and the files of variables of the project's root.
func (s Service) Of(texts []Text) (own []Text) {
	for _, t := range texts {
		dir := path.Dir(t.File)
		other := func(dir string) bool {
			return dir != "." && dir != s.Dir && within(dir, t.File) && !within(dir, s.Dir+"/x")
		}
		_, variables := origin(t.File)
		switch {
		case docker(t.File):
			if t.File == s.Dockerfile {
				own = append(own, t)
			}
		case slices.ContainsFunc(s.Others, other):
		case variables:
			if dir == s.Dir || dir == "." || within(s.Dir, t.File) && slices.Contains(envFolders, path.Base(dir)) {
				own = append(own, t)
			}
		case within(s.Dir, t.File), s.Build != s.Dir && s.Build != "" && within(s.Build, t.File) && !sibling.MatchString(tree.Relative(s.Build, t.File)):
			own = append(own, t)
		}
	}
	return own
}

// envFolders are names of folders below a service's own that hold its files of variables.
var envFolders = []string{"config", "configs", "conf", "env", "envs"}

// sibling are folders of other services beside the service's own.
var sibling = lazyregexp.New(`^(?:apps|services|projects)/`)

func within(dir, file string) bool { return dir == "." || strings.HasPrefix(file, dir+"/") }

// Reads are what the files read, and what they say of values.
func Reads(texts []Text) (reads []Read) {
	var py, goFiles, manifests []Text
	for _, t := range texts {
		switch {
		case python(t.File):
			py = append(py, t)
		case golang(t.File):
			goFiles = append(goFiles, t)
		case javaScript(t.File):
			reads = append(reads, readJavaScript(t)...)
		case docker(t.File):
			reads = append(reads, readDockerfile(t)...)
		case prisma(t.File):
			reads = append(reads, readPrisma(t)...)
		case Manifest(t.File):
			manifests = append(manifests, t)
		default:
			reads = append(reads, readDotenv(t)...)
		}
	}
	return append(append(reads, readPython(py, manifests)...), readGo(goFiles)...)
}
