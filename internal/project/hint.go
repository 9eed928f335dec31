package project

import (
	"fmt"
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// missingFile is how programs say that a file is not there, with its name in one of the groups.
var missingFile = lazyregexp.New(`(?i)(?:enoent|no such file|cannot find|not found)[^\n'"]*['"]([^'"\n]+)['"]|open ([^\s:]+): no such file|([\w./-]+): (?:not found|no such file)`)

// Hint is what the end of a service's output says of a file of the project's folder that is on the host, and is left out here. "" if it
// says nothing of one.
func Hint(s spec.Service, output string, leftOut func(name string) bool) string {
	source := s.Source
	if source == nil {
		return ""
	}
	for _, match := range missingFile.FindAllStringSubmatch(output, -1) {
		name := match[1] + match[2] + match[3]
		if !path.IsAbs(name) {
			name = path.Join(s.Process.Workdir, name)
		}
		below, is := strings.CutPrefix(path.Clean(name), source.Path+"/")
		if below = path.Join(source.Dir, below); is && leftOut(below) {
			return fmt.Sprintf("%s is there, and is left out because .gitignore names it: give what it says with with-env or with-secret, or have git track it (git add --force)", below)
		}
	}
	return ""
}
