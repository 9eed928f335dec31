package python

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
)

// migration is how the service's database is brought up to date: by Django, Flask-Migrate or Alembic. command is the service's own.
func (l *look) migration(command []string) (found project.Migration) {
	switch dir := l.django(); {
	case dir != "":
		found = project.Migration{
			Tool: "Django", Why: l.Path(path.Join(dir, "manage.py")), Workdir: dir, Files: []string{"manage.py"},
			Command: []string{"python", "manage.py", "migrate", "--noinput"},
			// Packages bring migrations too, and the settings say which packages.
			Reads: []string{l.build.manifest, l.Path("**/migrations/**"), l.Path("**/settings*.py"), l.Path("**/settings/**")},
		}
	case l.build.has("flask-migrate") && l.Has("migrations/alembic.ini"):
		found = project.Migration{
			Tool: "Flask-Migrate", Why: l.Path("migrations"), Workdir: ".", Files: []string{"migrations/alembic.ini"},
			Command: []string{"python", "-m", "flask", "db", "upgrade"}, Reads: []string{l.Path("migrations/**")},
		}
		if i := slices.Index(command, "--app"); i > 0 {
			found.Command = slices.Insert(found.Command, 3, command[i:i+2]...)
		}
	case l.build.has("alembic"):
		found = l.alembic()
	}
	if found.Tool != "" && !l.build.has(drivers...) {
		found.Missing = l.build.manifest + " names no driver of postgres, such as psycopg"
	}
	return found
}

// django is the folder of manage.py, "" if there is none.
func (l *look) django() string {
	for _, dir := range []string{".", "src", "app"} {
		if name := path.Join(dir, "manage.py"); l.Has(name) && strings.Contains(l.Read(name), "django") {
			return dir
		}
	}
	return ""
}

var scriptLocation = lazyregexp.New(`(?m)^\s*script_location\s*=\s*(\S+)`)

// alembic looks for alembic.ini in the service's folder and in those below. One without a version has nothing to do.
func (l *look) alembic() (found project.Migration) {
	for _, dir := range append([]string{"."}, l.List().Dirs...) {
		ini := path.Join(dir, "alembic.ini")
		match := scriptLocation.FindStringSubmatch(l.Read(ini))
		if l.Ignores(dir) || match == nil {
			continue
		}
		location := path.Join(dir, strings.TrimPrefix(strings.NewReplacer("%(here)s/", "", "%(here)s", ".").Replace(match[1]), "./"))
		versions := l.Sub(path.Join(location, "versions"))
		if !l.HasDir(path.Join(location, "versions")) || !slices.ContainsFunc(versions.List().Files, isVersion) {
			continue
		}
		return project.Migration{
			Tool: "Alembic", Why: l.Path(ini), Workdir: dir, Files: []string{"alembic.ini"},
			Command: []string{"python", "-m", "alembic", "upgrade", "heads"}, // heads: of several branches, all
			Reads:   []string{l.Path(ini), l.Path(path.Join(location, "**"))},
		}
	}
	return found
}

func isVersion(file string) bool { return path.Ext(file) == ".py" && file != "__init__.py" }
