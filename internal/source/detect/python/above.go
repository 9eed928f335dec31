package python

import (
	"path"
	"regexp"
	"strings"
)

// above has a service whose folder is a package of its own found by that name: backend/app.py with "from backend.models import …" is meant to be
// run where the folder lies.
func (l *look) above(app *app) {
	name := path.Base(l.Dir)
	if l.Dir == "." || l.build.dir != l.Dir || app.pathDir != "" || app.file == "" || l.HasDir(name) || l.Has(name+".py") {
		return
	}
	imports := regexp.MustCompile(`(?m)^\s*(?:from|import)\s+` + regexp.QuoteMeta(name) + `(?:\.\w|\s+import\b|\s*$)`)
	if imports.MatchString(l.Read(strings.TrimPrefix(app.file, l.Dir+"/"))) {
		l.build.dir, app.pathDir = path.Dir(l.Dir), ".."
	}
}
