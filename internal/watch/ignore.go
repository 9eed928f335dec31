package watch

import (
	"slices"
	"strings"
)

// Quick are patterns that leave out the same as others, and take less time: in each look the CLI and the engine try all of them on each file.
// One that is a regular expression to them, as is "**/*.pyc", takes longer than all that compare ends of names, as does "**.pyc". What is
// in a folder that is left out as a whole needs no pattern.
func Quick(patterns []string) (quick []string) {
	for _, pattern := range patterns {
		if slices.ContainsFunc(patterns, func(other string) bool { return strings.HasPrefix(pattern, other+"/") }) {
			continue
		}
		if end, is := strings.CutPrefix(pattern, "**/*"); is && !strings.ContainsAny(end, `*?[\/`) {
			pattern = "**" + end
		}
		quick = append(quick, pattern)
	}
	return quick
}
