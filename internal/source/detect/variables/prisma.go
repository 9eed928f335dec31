package variables

import "dagger/stack/internal/lazyregexp"

var (
	prismaEnv      = lazyregexp.New(`env\(\s*["'](?P<name>\w+)["']`)
	prismaProvider = lazyregexp.New(`(?s)datasource\s+\w+\s*\{[^}]*provider\s*=\s*"(\w+)"`)
)

// readPrisma reads a schema of Prisma's. Its addresses have the scheme of its provider.
func readPrisma(t Text) (reads []Read) {
	scheme := ""
	if match := prismaProvider.FindStringSubmatch(t.Text); match != nil {
		scheme = match[1]
	}
	matches(prismaEnv, t, "//", func(r Read, _ map[string]string, _ string) {
		r.Required, r.Hint.Scheme = true, scheme
		reads = append(reads, r)
	})
	return reads
}
