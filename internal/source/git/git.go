// Package git reads what a repository tracks: .gitignore is about files that nobody has added.
package git

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// Index is where a repository has its index. In a worktree and in a submodule it lies elsewhere.
const Index = ".git/index"

// Tracked are the files that an index names, without submodules.
func Tracked(from io.Reader) (paths []string, err error) {
	var all index.Index
	if err := index.NewDecoder(from).Decode(&all); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", Index, err)
	}
	for _, entry := range all.Entries {
		if entry.Mode != filemode.Submodule {
			paths = append(paths, entry.Name)
		}
	}
	return paths, nil
}

// Lost are the tracked files that are not among what is there, as patterns that match nothing else.
func Lost(tracked, there []string) (patterns []string) {
	has := map[string]bool{}
	for _, path := range there {
		has[path] = true
	}
	lost := slices.DeleteFunc(slices.Clone(tracked), func(path string) bool { return has[path] })
	for _, path := range lost {
		patterns = append(patterns, literal.Replace(path))
	}
	return patterns
}

// literal takes from a name what would mean something in a pattern.
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `!`, `\!`, `#`, `\#`)
