package detect

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/spec"
)

// An extension of postgres that the default image lacks, and an image of the default image's major version that has it: data that the
// default image has made can be read by it.
type extension struct {
	name, image string
	words       []string             // one of them is in every text that uses the extension
	packages    *lazyregexp.Regexp   // whose users need it, in manifests
	signs       []*lazyregexp.Regexp // of its use in code, in SQL, in a schema of Prisma
}

// created matches what makes an extension: SQL, and the helpers of Django and alembic_utils.
func created(name string) *lazyregexp.Regexp {
	return lazyregexp.New(`(?i)\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?[\\"'` + "`" + `]*` + name + `\b|\b(?:Create|PG)Extension\([^)]*["']` + name + `["']`)
}

// listed matches the packages in a list of requirements, in TOML, in JSON and in a go.mod.
func listed(names ...string) *lazyregexp.Regexp {
	return lazyregexp.New(`(?im)(?:^|[\s"'])(` + strings.Join(names, "|") + `)(?:$|[\s"'\[=<>~!@;,:])`)
}

var extensions = []extension{
	{
		name: "pgvector", image: "pgvector/pgvector:pg15", words: []string{"vector", "vecs", "langchain-postgres"},
		packages: listed("pgvector", "vecs", "langchain-postgres", "llama-index-vector-stores-postgres", "github.com/pgvector/pgvector-go"),
		signs: []*lazyregexp.Regexp{
			created("vector"),
			lazyregexp.New(`\b(?:from|import)\s+pgvector\b|\bVectorExtension\(`),
			lazyregexp.New(`import\s*\{[^}]*\bvector\b[^}]*\}\s*from\s*["']drizzle-orm/pg-core["']`),
			lazyregexp.New(`\bextensions\s*=\s*\[[^\]]*\bvector\b|\bUnsupported\("vector\b`),
		},
	},
	{
		name: "PostGIS", image: "postgis/postgis:15-3.5-alpine", words: []string{"postgis", "geoalchemy2", "contrib.gis", "geometry", "geography"},
		packages: listed("geoalchemy2"),
		signs: []*lazyregexp.Regexp{
			created("postgis"),
			lazyregexp.New(`\b(?:from|import)\s+geoalchemy2\b|\bdjango\.contrib\.gis\b`),
			lazyregexp.New(`import\s*\{[^}]*\bgeometry\b[^}]*\}\s*from\s*["']drizzle-orm/pg-core["']`),
			lazyregexp.New(`\bextensions\s*=\s*\[[^\]]*\bpostgis\b|\bUnsupported\("(?:geometry|geography)\b`),
		},
	},
	{
		name: "TimescaleDB", image: "timescale/timescaledb:latest-pg15", words: []string{"timescaledb", "hypertable"},
		signs: []*lazyregexp.Regexp{created("timescaledb"), lazyregexp.New(`(?i)\bcreate_hypertable\(`)},
	},
}

// extend gives the stack's own postgres the image that has the extensions which the project uses.
func extend(p project.Project, texts []variables.Text, without []string) project.Project {
	i := slices.IndexFunc(p.Services, func(s spec.Service) bool {
		return !s.Described && recipe.IsPostgres(s) && !slices.Contains(without, s.Name)
	})
	if i < 0 {
		return p
	}
	var used []extension
	var why []string
	for _, e := range extensions {
		if place := e.usedIn(texts); place != "" {
			used, why = append(used, e), append(why, fmt.Sprintf("%s uses %s", place, e.name))
		}
	}
	if len(used) == 0 {
		return p
	}
	p.Services = slices.Clone(p.Services)
	s := &p.Services[i]
	note := fmt.Sprintf("%s: the default image of %s is %s, which has it; --postgres-image names another one", why[0], s.Name, used[0].image)
	if len(used) > 1 {
		note = fmt.Sprintf("%s: the default image of %s is %s, which has only the first: name one that has all with --postgres-image", text.And(why), s.Name, used[0].image)
	}
	s.Build.Image, s.Kind = used[0].image, used[0].image
	p.Notes = append(slices.Clone(p.Notes), note)
	return p
}

// usedIn is the first place that uses the extension, "" if none does.
func (e extension) usedIn(texts []variables.Text) string {
	for _, t := range texts {
		lower := strings.ToLower(t.Text)
		if !slices.ContainsFunc(e.words, func(word string) bool { return strings.Contains(lower, word) }) {
			continue
		}
		var places []int
		for _, sign := range e.signs {
			for _, at := range sign.FindAllStringSubmatchIndex(t.Text, -1) {
				places = append(places, at[0])
			}
		}
		if variables.Manifest(t.File) && e.packages != nil {
			for _, at := range e.packages.FindAllStringSubmatchIndex(t.Text, -1) {
				places = append(places, at[2])
			}
		}
		for _, at := range places {
			if !commentedOut(t, at) {
				return fmt.Sprintf("%s:%d", t.File, 1+strings.Count(t.Text[:at], "\n"))
			}
		}
	}
	return ""
}

// commentedOut says whether a place of a file is behind the beginning of a comment.
func commentedOut(t variables.Text, at int) bool {
	before := t.Text[strings.LastIndexByte(t.Text[:at], '\n')+1 : at]
	begins := "//"
	switch path.Ext(t.File) {
	case ".sql":
		begins = "--"
	case ".py", ".txt", ".toml":
		begins = "#"
	}
	return strings.Contains(before, begins)
}
