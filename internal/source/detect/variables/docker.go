package variables

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/dockerfile"
)

func docker(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "Dockerfile") || strings.HasSuffix(base, ".Dockerfile")
}

// readDockerfile reads what ENV sets in the image: the service has a default of each.
func readDockerfile(t Text) (reads []Read) {
	env := dockerfile.Parse(t.Text).Env()
	for _, name := range slices.Sorted(maps.Keys(env)) {
		r := Read{Name: name, File: t.File, Line: 1, Optional: true, Value: env[name]}
		if at := regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).FindAllStringIndex(t.Text, -1); len(at) > 0 {
			r.Line = line(t.Text, at[len(at)-1][0])
		}
		reads = append(reads, r)
	}
	return reads
}
