package variables

import (
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// postgresWords and mysqlWords are what programs call the two where a variable chooses between databases.
var (
	postgresWords = []string{"postgres", "postgresql", "pg", "pgx", "pgsql", "psql"}
	mysqlWords    = []string{"mysql", "mysql2", "mariadb"}
)

var databaseWord = `["'](?P<word>` + strings.Join(slices.Concat(postgresWords, mysqlWords), "|") + `)["']`

var comparisons = []*lazyregexp.Regexp{
	// os.getenv("DB", "sqlite").lower() == "postgres", process.env.DB_TYPE !== 'postgres', os.Getenv("DB") == "postgres", DB in ("postgres", …
	lazyregexp.New(`\b` + upper + `\b["'` + "`" + `]?(?:\s*,[^()\n]*)?[\])]*(?:\.\w+\(\))*\s*(?:[=!]={1,2}|\bin\s*[(\[{])\s*` + databaseWord),
	// switch os.Getenv("DB") { case "postgres":
	lazyregexp.New(`\b(?:switch|match)\b[^\n{]*?\b` + upper + `\b["'` + "`" + `\])]*\s*[{:][^}]{0,400}?\bcase\s+` + databaseWord),
}

// compared are the words for a database that code compares variables with: os.getenv("DB") == "postgres". comment is what comments
// begin with.
func compared(t Text, comment string) (reads []Read) {
	for _, pattern := range comparisons {
		matches(pattern, t, comment, func(r Read, group map[string]string, _ string) {
			r.Origin, r.Value = Compared, group["word"]
			reads = append(reads, r)
		})
	}
	return reads
}

// word is the first of the words that the code compares the variable with, "" if it does with none.
func (v *variable) word(words []string) string {
	if i := slices.IndexFunc(v.compared, func(word string) bool { return slices.Contains(words, word) }); i >= 0 {
		return v.compared[i]
	}
	return ""
}

// chooses says whether a variable whose name says nothing chooses between databases, and one that the words mean is among them.
func (v *variable) chooses(words []string) bool {
	return v.word(words) != "" && !elsewhere.MatchString(v.name)
}
