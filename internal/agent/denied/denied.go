// Package denied reads in what a service prints that it was not let do something that it may do on its developer's machine or in Docker,
// and says what lets it.
package denied

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// words are how programs begin to say so: only what has one of them is looked at closely.
var words = [][]byte{[]byte("ermission denied"), []byte("EACCES"), []byte("EROFS"), []byte("ead-only file system"), []byte("readonly database"),
	[]byte("unable to open database file"), []byte("peration not permitted"), []byte("EPERM")}

var (
	// named has the file in one of its groups: as shells and their tools, Go, and Python and Node say it.
	named = lazyregexp.New(`(?i)cannot [a-z ]+['‘"]?(/?[^\s'’":]+)['’"]?: (?:permission denied|read-only file system)` +
		`|(?:open|mkdir|create|rename) (/[^\s:'"]+): (?:permission denied|read-only file system)` +
		`|(?:permission denied|read-only file system)(?::|, \w+) ['"]([^'"\n]+)['"]`)
	// sqlite names no file.
	sqlite = lazyregexp.New(`(?i)readonly database|unable to open database file`)
	// refused is the system's own word, and not a server's of its tables or tokens ("permission denied for table users").
	refused = lazyregexp.New(`(?im)permission denied(?:[:,.)'"]|\s*$)|EACCES|EROFS|EPERM|read-only file system|operation not permitted`)
)

// Hint is what lets a service do what some of its output says it may not; "" if the output says nothing of that.
func Hint(s *spec.Service, output []byte) string {
	if !says(output) {
		return ""
	}
	text := string(output)
	if source := s.Source; source != nil && !source.Writable && (sqlite.MatchString(text) || names(text, s.Process.Workdir, source.Path)) {
		return fmt.Sprintf("it may not change its source in %s: --writable-source lets it change the copy in its container", source.Path)
	}
	if s.ForRoot != "" && (sqlite.MatchString(text) || refused.MatchString(text)) {
		return "its image was made for root, and it runs as " + s.Process.User + ": have the Dockerfile give it what it writes to (RUN chown " +
			s.Process.User + " FOLDER), or describe it in a compose file, where it is root of its container, as with Docker"
	}
	return ""
}

func says(output []byte) bool {
	for _, word := range words {
		if bytes.Contains(output, word) {
			return true
		}
	}
	return false
}

// names tells whether a file is named that lies in a folder.
func names(text, workdir, folder string) bool {
	for _, match := range named.FindAllStringSubmatch(text, -1) {
		name := match[1] + match[2] + match[3]
		if !path.IsAbs(name) {
			name = path.Join(workdir, name)
		}
		if strings.HasPrefix(name, folder+"/") {
			return true
		}
	}
	return false
}
