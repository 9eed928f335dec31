package compose

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first used: this package is in the agent's program too, and the
// agent's start would pay for expressions that the agent never uses.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
