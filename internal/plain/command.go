package plain

import (
	"slices"
	"strings"
)

// Command is a command as a reader wants it: without the variables that it begins with by the program env.
func Command(words []string) string {
	for len(words) > 1 && words[0] == "env" {
		rest := slices.IndexFunc(words[1:], func(word string) bool { return !strings.Contains(word, "=") })
		if rest < 0 {
			break
		}
		words = words[1+rest:]
	}
	return strings.Join(words, " ")
}
