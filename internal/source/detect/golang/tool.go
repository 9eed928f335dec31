package golang

import (
	"path"
	"slices"

	"golang.org/x/mod/modfile"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/spec"
)

// postgresDrivers are the modules by which a program talks to postgres.
var postgresDrivers = []string{"github.com/lib/pq", "github.com/jackc/pgx", "gorm.io/driver/postgres", "github.com/uptrace/bun/driver/pgdriver", "github.com/go-pg/pg"}

// UsesPostgres says whether a go.mod names a driver of postgres.
func UsesPostgres(text string) bool {
	mod, err := modfile.ParseLax("go.mod", []byte(text), nil)
	return err == nil && look{mod: mod}.requires(postgresDrivers...)
}

// Version is that of a module which a go.mod names, "" if it names none.
func Version(text, module string) string {
	mod, err := modfile.ParseLax("go.mod", []byte(text), nil)
	if err != nil {
		return ""
	}
	i := slices.IndexFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == module })
	if i < 0 {
		return ""
	}
	return mod.Require[i].Mod.Version
}

// Tool is a small image with a program of a published module and a folder of the project, at scan.Target. The program is compiled for
// itself, as go install does, so that the project's own modules need not have what it is made of.
func Tool(pkg, version, tags, folder string) (build spec.Build, program string) {
	program = path.Join(programs, path.Base(pkg))
	return spec.Build{
		Image: "golang:" + releases.Default + "-alpine", Dir: folder, Target: scan.Target,
		Caches:  []spec.Cache{{Name: "go-mod", Path: "/cache/go-mod"}, {Name: "go-build", Path: "/cache/go-build"}},
		Folders: []string{scan.Home, programs},
		Steps:   []spec.Step{{Command: []string{"go", "install", "-tags", tags, pkg + "@" + version}}},
		Compile: &spec.Compile{Artifact: program, Image: "alpine:3"},
		Env:     scan.Variables("HOME="+scan.Home, "GOBIN="+programs, "GOMODCACHE=/cache/go-mod", "GOCACHE=/cache/go-build", "CGO_ENABLED=0"),
	}, program
}
