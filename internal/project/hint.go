package project

import (
	"fmt"
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// missingFile is how programs say that a file is not there, with its name in one of the groups, and deniedFile that they may not write.
var (
	missingFile = lazyregexp.New(`(?i)(?:enoent|no such file|cannot find|not found)[^\n'"]*['"]([^'"\n]+)['"]|open ([^\s:]+): no such file|([\w./-]+): (?:not found|no such file)`)
	deniedFile  = lazyregexp.New(`(?i)(?:(?:open|mkdir|create|rename) (/[^\s:]+): )?(?:permission denied|eacces|erofs|read-only file system|readonly database|unable to open database file)(?:[^\n'"]*['"]([^'"\n]+)['"])?`)
)

// Hint is what the end of a service's output says of what the stack has made otherwise than the project's folder is on the host: a file
// that is left out, and a source that the service may not change. "" if it says nothing of either.
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
	for _, match := range deniedFile.FindAllStringSubmatch(output, -1) {
		name := match[1] + match[2]
		if !source.Writable && (!path.IsAbs(name) || strings.HasPrefix(name, source.Path+"/")) {
			return fmt.Sprintf("it may not change its source in %s: --writable-source lets it change the copy in its container", source.Path)
		}
	}
	return ""
}
