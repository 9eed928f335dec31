// Package glob makes patterns of names, as the engine and .dockerignore know them.
package glob

import "strings"

var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `!`, `\!`, `#`, `\#`)

// Literal is a name as a pattern that matches this name, and what is below it, and nothing else.
func Literal(name string) string { return literal.Replace(name) }
