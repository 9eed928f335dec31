package python

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// object is an application object, or what makes one, in a module.
type object struct {
	framework string
	file      string // below the service's folder
	module    string // as Python imports it
	name      string // "": the framework finds it
	factory   bool
	pathDir   string // what Python has to search for modules besides where it runs; "": nothing
}

// made are the functions that make an application.
const made = `(FastAPI|Starlette|Litestar|Flask|APIFlask|Quart|Sanic|FastHTML|fast_app)`

// frameworkOf is the framework of such a function, where that has another name.
var frameworkOf = map[string]string{"APIFlask": "Flask", "fast_app": "FastHTML"}

var (
	// app = FastAPI(…), also annotated, at the start of a line: not in a function. FastHTML has one that gives two: app, rt = fast_app(…)
	applications = lazyregexp.New(`(?m)^([A-Za-z_]\w*)(?:\s*:\s*[\w."']+|(?:\s*,\s*\w+)+)?\s*=\s*(?:\w+\.)*` + made + `\(`)
	// app = create_app(…)
	factoryCalls = lazyregexp.New(`(?m)^([A-Za-z_]\w*)(?:\s*:\s*[\w."']+)?\s*=\s*(?:\w+\.)*(?:create|make|get|build)_(?:app|application)\(`)
	// def create_app(): the names that Flask itself looks for, and common ones.
	factories = lazyregexp.New(`(?m)^def ((?:create|make|get|build)_(?:app|application))\(([^)]*)\)`)
	// The constructor anywhere, for what a factory makes.
	constructors  = lazyregexp.New(`\b` + made + `\(`)
	imports       = lazyregexp.New(`(?m)^\s*(?:from|import)\s+(\.*[\w.]*)`)
	flaskVariable = lazyregexp.New(`(?m)^\s*(?:export\s+)?FLASK_APP\s*=\s*["']?([\w./:]+)`)
)

// findObject looks for the application in the files where people usually put it, and names the files that it tried.
func (l *look) findObject() (object, []string) {
	if entry := l.project.Tool.FastAPI.Entrypoint; entry != "" { // what the command fastapi reads
		module, name, _ := strings.Cut(entry, ":")
		return object{framework: "FastAPI", file: "pyproject.toml", module: module, name: name}, nil
	}
	if match := flaskVariable.FindStringSubmatch(l.Read(".flaskenv")); match != nil {
		module, name, _ := strings.Cut(match[1], ":")
		module = strings.ReplaceAll(strings.TrimSuffix(module, ".py"), "/", ".")
		return object{framework: "Flask", file: ".flaskenv", module: module, name: name}, nil
	}
	var tried []string
	var factory object
	for _, dir := range l.moduleDirs() {
		sub := l.Sub(dir)
		for _, name := range moduleFiles {
			if !sub.Has(name) || dir == "." && name == "__init__.py" {
				continue
			}
			file := path.Join(dir, name)
			tried = append(tried, file)
			found, ok := l.build.object(l.Read(file))
			if !ok {
				continue
			}
			found.file = file
			found.module, found.pathDir = l.module(dir, name, l.Read(file))
			if !found.factory {
				return found, tried
			}
			if factory.file == "" { // the object itself may be in a later file
				factory = found
			}
		}
	}
	if factory.file == "" {
		factory = l.deep()
	}
	if len(tried) == 0 {
		tried = []string{"main.py", "app.py", "app/main.py", "src/main.py"}
	}
	return factory, tried
}

// moduleDirs are the folders to look in: the service's own, those that are usual, the package's, then a few others.
func (l *look) moduleDirs() []string {
	dirs := []string{".", "app", "src"}
	below := func(dir string) {
		names := l.Sub(dir).List().Dirs
		if i := slices.Index(names, l.project.module()); i > 0 {
			names = slices.Concat([]string{names[i]}, names[:i], names[i+1:])
		}
		const most = 8 // each is a call to the engine
		n := 0
		for _, name := range names {
			if strings.HasPrefix(name, ".") || slices.Contains(notModules, name) || l.Ignores(name) {
				continue
			}
			if n++; n <= most && !slices.Contains(dirs, path.Join(dir, name)) {
				dirs = append(dirs, path.Join(dir, name))
			}
		}
	}
	if l.HasDir("src") {
		below("src")
	}
	below(".")
	return slices.DeleteFunc(dirs, func(dir string) bool { return dir != "." && !l.HasDir(dir) })
}

// notModules are folders that never hold the application.
var notModules = []string{"tests", "test", "docs", "doc", "scripts", "migrations", "alembic", "static", "templates", "data", "frontend", "examples", "infra", "deploy", "notebooks"}

// object finds the application object in a file's text. Of several, the object called app counts.
func (b build) object(text string) (object, bool) {
	made := b.framework(frameworks...)
	if match := constructors.FindStringSubmatch(text); match != nil {
		made = cmp.Or(frameworkOf[match[1]], match[1])
	}
	if all := applications.FindAllStringSubmatch(text, -1); len(all) > 0 {
		match := all[0]
		if i := slices.IndexFunc(all, func(m []string) bool { return m[1] == "app" }); i > 0 {
			match = all[i]
		}
		return object{framework: cmp.Or(frameworkOf[match[2]], match[2]), name: match[1]}, true
	}
	if made == "" {
		return object{}, false
	}
	if match := factoryCalls.FindStringSubmatch(text); match != nil {
		return object{framework: made, name: match[1]}, true
	}
	if match := factories.FindStringSubmatch(text); match != nil && callable(match[2]) {
		return object{framework: made, name: match[1], factory: true}, true
	}
	return object{}, false
}

// callable says whether a function with these parameters can be called without arguments.
func callable(parameters string) bool {
	for parameter := range strings.SplitSeq(parameters, ",") {
		if p := strings.TrimSpace(parameter); p != "" && !strings.Contains(p, "=") && !strings.HasPrefix(p, "*") {
			return false
		}
	}
	return true
}

// module is a file's name as Python imports the file, and the folder that Python must search for that. The file's own
// imports tell from where it is meant to be imported: "from . import" and "from src.app import" are written for the
// folder above, and "from routers import" in a file beside routers.py for the file's own folder.
func (l *look) module(dir, file, text string) (module, pathDir string) {
	name := strings.TrimSuffix(file, ".py")
	if dir == "." {
		return name, ""
	}
	name = strings.TrimSuffix(strings.ReplaceAll(dir, "/", ".")+"."+name, ".__init__")
	top, below, nested := strings.Cut(name, ".")
	var relative, siblings bool
	var absolute bool // from the folder above
	beside := l.Sub(dir).List()
	for _, match := range imports.FindAllStringSubmatch(text, -1) {
		first, _, _ := strings.Cut(match[1], ".")
		switch {
		case strings.HasPrefix(match[1], "."):
			relative = true
		case first == top:
			absolute = true
		case slices.Contains(beside.Dirs, first) || slices.Contains(beside.Files, first+".py"):
			siblings = siblings || !l.Has(first+".py") && !l.HasDir(first)
		}
	}
	if top == "src" && nested && !absolute && (!relative || dir != "src") {
		return below, "src"
	}
	if siblings && !relative {
		return name, dir
	}
	return name, ""
}
