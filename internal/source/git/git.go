// Package git reads what a repository tracks: .gitignore is about files that nobody has added.
package git

import (
	"fmt"
	"io"
	"slices"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"

	"dagger/stack/internal/glob"
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

// Lost are the tracked files that are not among what is there.
func Lost(tracked, there []string) []string {
	has := set(there)
	return slices.DeleteFunc(slices.Clone(tracked), func(path string) bool { return has[path] })
}

// Patterns are those of some files that are among what is there, as patterns that match nothing else.
func Patterns(files, there []string) (patterns []string) {
	has := set(there)
	for _, path := range files {
		if has[path] {
			patterns = append(patterns, glob.Literal(path))
		}
	}
	return patterns
}

func set(paths []string) map[string]bool {
	all := make(map[string]bool, len(paths))
	for _, path := range paths {
		all[path] = true
	}
	return all
}
