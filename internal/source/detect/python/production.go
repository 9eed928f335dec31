package python

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/spec"
)

// useless are files of the source that a service in production has no use for.
var useless = append([]string{
	"**/node_modules", "**/__pycache__", "**/*.pyc", "**/test_*.py", "**/*_test.py", "**/conftest.py", "**/.pre-commit-config.yaml", "**/tox.ini", "**/noxfile.py",
}, scan.Private...)

// shellSigns in a command make it one of the shell.
const shellSigns = "$&|;<>`(\"'"

// produce has a service run by a server for production, on an image that holds its packages and its source and nothing of what built it. What the
// project says of its server itself wins: the user's command, a Procfile, gunicorn's configuration. It is what has to be installed for the server, and the
// last steps of the build.
func (l *look) produce(app app, found *scan.Service) (install []string, last []spec.Step) {
	found.Production = true
	found.Kind += ", production"
	ship := &spec.Ship{
		Image: found.Build.Image, Packages: found.Build.Packages, Folders: []string{scan.Home},
		Copies: []spec.Copy{{From: venv, To: venv}, {From: scan.Target, To: scan.Target, Without: useless}},
	}
	found.Build.Ship = ship
	settings := ""
	if app.framework == "Django" && app.file != "" {
		settings = l.djangoSettings(app.workdir)
		if settings != "" {
			ship.Env = append(ship.Env, spec.BuildVariable{Name: "DJANGO_SETTINGS_MODULE", Value: settings})
		}
		last = l.collect(app, settings, found)
	}
	if len(l.Role.Command) > 0 {
		return app.install, last
	}
	port := strconv.Itoa(found.Port)
	line := procfile.FindStringSubmatch(l.Read("Procfile"))
	switch {
	case line != nil && shell.Base(strings.Fields(line[1])) != "":
		return l.procfile(line[1], found), last
	case app.framework == "Django" && settings != "":
		found.Command, install = l.serveDjango(app, settings, port)
	case app.framework == "Flask" && app.object.module != "":
		found.Command, install = l.serveFlask(app.object, port)
	case slices.Contains(app.command, "hypercorn"):
		found.Command, install = shelled(app.command, "--workers"), app.install
	case app.framework == "Sanic":
		command := slices.DeleteFunc(slices.Clone(app.command), func(word string) bool { return word == "--single-process" })
		found.Command = shelled(command, "--workers")
	case slices.Contains(app.command, "uvicorn") && l.Has("gunicorn.conf.py") && l.build.has("gunicorn"):
		found.Command = l.gunicorn(app.object.reference(), port)
		if !strings.Contains(l.Read("gunicorn.conf.py"), "worker_class") {
			found.Command = append(found.Command, "--worker-class", "uvicorn.workers.UvicornWorker")
		}
	case slices.Contains(app.command, "uvicorn"): // reads WEB_CONCURRENCY
		install = app.install
	default:
		l.Note("%s: its server is not known: it is run in production as it is elsewhere, in one process", cmp.Or(app.file, l.build.manifest))
		return app.install, last
	}
	found.Workers = true
	return install, last
}

// shelled is a command with a flag for the number of processes, which its program reads from no variable.
func shelled(command []string, flag string) []string {
	return []string{"sh", "-c", "exec " + strings.Join(quoted(command), " ") + " " + flag + ` "${WEB_CONCURRENCY:-1}"`}
}

func quoted(words []string) (all []string) {
	for _, word := range words {
		if strings.ContainsAny(word, shellSigns+" *?") {
			word = shell.Quote(word)
		}
		all = append(all, word)
	}
	return all
}

var procfile = lazyregexp.New(`(?m)^web:[ \t]*(\S.*?)[ \t]*$`)

// procfile is the command of the process "web", which listens where PORT says.
func (l *look) procfile(line string, found *scan.Service) (install []string) {
	found.Why += " and " + l.Path("Procfile")
	found.Command = strings.Fields(line)
	if strings.ContainsAny(line, shellSigns) {
		found.Command = []string{"sh", "-c", "exec " + line}
		if strings.ContainsAny(line, "&|;") {
			found.Command = []string{"sh", "-c", line}
		}
	}
	found.Workdir, found.Workers = l.Workdir(l.build.dir, ""), true
	for _, server := range []string{"gunicorn", "uvicorn", "hypercorn", "daphne", "waitress"} {
		if strings.Contains(line, server) && !l.build.has(server) {
			install = append(install, server)
		}
	}
	return install
}

// reference names an application as servers want it.
func (o object) reference() string {
	name := cmp.Or(o.name, "app")
	if o.factory {
		name += "()"
	}
	return o.module + ":" + name
}

// gunicorn serves an application with WEB_CONCURRENCY processes of four threads. gunicorn.conf.py says the rest, where there is one.
func (l *look) gunicorn(reference, port string) []string {
	command := []string{"python", "-m", "gunicorn", reference, "--bind", "0.0.0.0:" + port}
	if l.Has("gunicorn.conf.py") {
		return command
	}
	// The sign of life of a process is a file: one on a disk that is slow for a moment would be the end of the process.
	return append(command, "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-")
}

// serveFlask is the command for a Flask application.
func (l *look) serveFlask(object object, port string) (command, install []string) {
	switch {
	case l.build.has("gunicorn"):
	case l.build.has("waitress"):
		reference := object.module + ":" + cmp.Or(object.name, "app")
		command = []string{"python", "-m", "waitress", "--listen=0.0.0.0:" + port}
		if object.factory {
			command = append(command, "--call")
		}
		return append(command, reference), nil
	default:
		install = []string{"gunicorn"}
		l.Note("%s names no server for production: gunicorn is installed with it", l.build.manifest)
	}
	return l.gunicorn(object.reference(), port), install
}

var (
	settingsModule = lazyregexp.New(`DJANGO_SETTINGS_MODULE["']\s*[,\]]\s*=?\s*["']([\w.]+)["']`)
	staticRoot     = lazyregexp.New(`(?m)^\s*STATIC_ROOT\s*(?::\s*\w+\s*)?=\s*(.+)$`)
	absolute       = lazyregexp.New(`^["'](/[\w./-]+)["']`)
)

// djangoEntry is the module of Django that servers are told, wsgi or asgi, as the project has it beside its settings; "" if it has none.
func (l *look) djangoEntry(workdir, kind string) string {
	match := settingsModule.FindStringSubmatch(l.Read(path.Join(workdir, "manage.py")))
	if match == nil {
		return ""
	}
	parts := strings.Split(match[1], ".")
	for n := len(parts) - 1; n >= 0; n-- {
		module := append(slices.Clone(parts[:n]), kind)
		if l.Has(path.Join(workdir, path.Join(module...)) + ".py") {
			return strings.Join(module, ".")
		}
	}
	return ""
}

// djangoSettings is the module of the settings for production: wsgi.py's, or manage.py's.
func (l *look) djangoSettings(workdir string) string {
	for _, entry := range []string{l.djangoEntry(workdir, "wsgi"), l.djangoEntry(workdir, "asgi"), "manage"} {
		if match := settingsModule.FindStringSubmatch(l.Read(path.Join(workdir, strings.ReplaceAll(entry, ".", "/")+".py"))); entry != "" && match != nil {
			return match[1]
		}
	}
	return ""
}

// serveDjango is the command for a Django project: by ASGI where the project has a server for that and no gunicorn, or has channels.
func (l *look) serveDjango(app app, settings, port string) (command, install []string) {
	wsgi, asgi := l.djangoEntry(app.workdir, "wsgi"), l.djangoEntry(app.workdir, "asgi")
	if asgi != "" && (l.build.has("channels") || !l.build.has("gunicorn")) {
		switch {
		case l.build.has("uvicorn"):
			return []string{"python", "-m", "uvicorn", asgi + ":application", "--host", "0.0.0.0", "--port", port}, nil
		case l.build.has("daphne"):
			return []string{"python", "-m", "daphne", "-b", "0.0.0.0", "-p", port, asgi + ":application"}, nil
		}
	}
	if !l.build.has("gunicorn") {
		install = []string{"gunicorn"}
		l.Note("%s names no server for production: gunicorn is installed with it", l.build.manifest)
	}
	reference := wsgi + ":application"
	if wsgi == "" {
		reference = "django.core.wsgi:get_wsgi_application()"
	}
	return l.gunicorn(reference, port), install
}

// collect has Django collect its static files where the settings say a folder for them, and says who serves the files.
func (l *look) collect(app app, settings string, found *scan.Service) []spec.Step {
	root, whitenoise := "", false
	at := path.Join(app.workdir, strings.ReplaceAll(settings, ".", "/"))
	files := []string{at + ".py", at + "/__init__.py", path.Join(path.Dir(at), "base.py"), path.Join(path.Dir(at), "common.py"), path.Join(path.Dir(at), "settings.py")}
	for _, name := range l.Sub(path.Dir(at)).List().Files {
		if name := path.Join(path.Dir(at), name); strings.HasSuffix(name, ".py") && path.Base(path.Dir(at)) == "settings" && !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	for _, name := range files {
		text := l.Read(name)
		if match := staticRoot.FindStringSubmatch(text); match != nil && root == "" {
			root = match[1]
		}
		whitenoise = whitenoise || strings.Contains(text, "whitenoise.middleware")
	}
	if root == "" {
		return nil
	}
	if match := absolute.FindStringSubmatch(root); match != nil { // beside the source
		found.Build.Folders = append(found.Build.Folders, match[1])
		found.Build.Ship.Copies = append(found.Build.Ship.Copies, spec.Copy{From: match[1], To: match[1]})
	}
	command := []string{"python", "manage.py", "collectstatic", "--noinput"}
	step := spec.Step{Files: []string{"**"}, Command: append([]string{"env", "DJANGO_SETTINGS_MODULE=" + settings}, command...)}
	step.Dir = strings.TrimPrefix(strings.TrimPrefix(found.Workdir, scan.Target), "/")
	who := "nothing of the project serves them where DEBUG is off: add whitenoise to MIDDLEWARE, or serve the folder from another server"
	if whitenoise {
		who = "whitenoise serves them"
	}
	l.Note("%s: static files are collected into STATIC_ROOT when the image is built; %s", app.file, who)
	return []spec.Step{step}
}
