// Package text writes lists into sentences.
package text

import "strings"

// And is a list such as "a, b and c".
func And(words []string) string { return list(words, "and") }

// Or is a list such as "a, b or c".
func Or(words []string) string { return list(words, "or") }

func list(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}
