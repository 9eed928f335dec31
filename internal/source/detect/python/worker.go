package python

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

var celeryApp = lazyregexp.New(`(?m)^([A-Za-z_]\w*)(?:\s*:\s*[\w.]+)?\s*=\s*(?:celery\.)?Celery\(`)

// workerFiles are the files that usually hold a Celery application.
var workerFiles = []string{"celery.py", "celery_app.py", "worker.py", "tasks.py", "celery_worker.py", "celeryapp.py"}

// worker is the command of a Celery worker beside the service, and the file that says so; nil without an application of Celery
// whose broker is a redis. workdir and pathDir are those of the service.
func (l *look) worker(workdir, pathDir string) (command []string, file string) {
	if !l.build.has("celery") || !l.build.has("redis", "celery[redis]") {
		return nil, ""
	}
	dirs := l.moduleDirs()
	for _, dir := range []string{"app/core", "app/worker", "app/workers", "app/celery", "src/core", "src/worker"} {
		if l.HasDir(dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		for _, name := range slices.Concat(workerFiles, moduleFiles) {
			file := path.Join(dir, name)
			if !l.Has(file) {
				continue
			}
			text := l.Read(file)
			match := celeryApp.FindStringSubmatch(text)
			if match == nil {
				continue
			}
			module, from := l.module(dir, name, text)
			if from != "" && from != pathDir {
				continue
			}
			if workdir != "" && workdir != "." {
				module = strings.TrimPrefix(module, strings.ReplaceAll(workdir, "/", ".")+".")
			}
			// Celery's own number of processes is that of the machine's CPUs, and each has all of the application in its memory.
			command = []string{"python", "-m", "celery", "--app", module + ":" + match[1], "worker", "--loglevel", "INFO", "--concurrency", "2"}
			if strings.Contains(text, "beat_schedule") {
				command = append(command, "--beat", "--schedule", "/tmp/celerybeat-schedule")
			}
			return command, l.Path(file)
		}
	}
	return nil, ""
}
