package variables

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

var (
	// exampleName is how projects name a file that users copy to .env.
	exampleName = lazyregexp.New(`(?i)^(?:\.?env[._-].*(?:example|sample|template|dist|default)s?.*|\.?(?:example|sample|template|dist)[._-]env|.+\.env\.(?:example|sample|template|dist))$`)
	// notLocal are examples for other places than a developer's machine.
	notLocal = lazyregexp.New(`(?i)prod|test|stag|ci\b|docker\.db`)
	assigned = lazyregexp.New(`(?m)^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*[=:]`)
)

// givenNames are files whose values count, the later one before the earlier one.
var givenNames = []string{".env", ".env.development", ".env.dev", ".env.local", ".env.development.local"}

// origin is what a file of variables is to the project; known is false for files of other kinds.
func origin(file string) (is Origin, known bool) {
	name := path.Base(file)
	switch {
	case slices.Contains(givenNames, name):
		return Given, true
	case exampleName.MatchString(name) && !notLocal.MatchString(name):
		return Example, true
	}
	return 0, false
}

// readDotenv reads a file of variables. What cannot be read as such a file says nothing.
func readDotenv(t Text) (reads []Read) {
	is, _ := origin(t.File)
	inFile, err := dotenv.UnmarshalWithLookup(t.Text, nil)
	if err != nil {
		inFile = map[string]string{}
	}
	for _, at := range assigned.FindAllStringSubmatchIndex(t.Text, -1) {
		name := t.Text[at[2]:at[3]]
		value := inFile[name]
		rest, _, _ := strings.Cut(t.Text[at[1]:], "\n")
		if rest = strings.TrimSpace(rest); err != nil {
			value = strings.Trim(rest, `"'`)
		}
		if strings.HasPrefix(rest, "#") { // nothing, and a comment
			value = ""
		}
		reads = append(reads, Read{Name: name, File: t.File, Line: line(t.Text, at[2]), Origin: is, Value: value})
	}
	return reads
}
