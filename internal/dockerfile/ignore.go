package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Ignored are the patterns of files that a build does not get, below its context: those of the Dockerfile's own
// NAME.dockerignore, or else those of the context's .dockerignore, as Docker has it
// (docs.docker.com/build/concepts/context/#dockerignore-files).
func Ignored(fsys fs.FS, context, file string) ([]string, error) {
	names := []string{path.Join(context, ".dockerignore")}
	if file != "" { // else its text is the compose file's
		names = []string{file + ".dockerignore", names[0]}
	}
	for _, name := range names {
		patterns, _, err := ReadIgnore(fsys, name)
		if !errors.Is(err, fs.ErrNotExist) {
			return patterns, err
		}
	}
	return nil, nil
}

// ReadIgnore are the patterns of one file that is written as .dockerignore is.
func ReadIgnore(fsys fs.FS, name string) ([]string, *patternmatcher.PatternMatcher, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, nil, err
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, nil, fmt.Errorf("%s has a pattern that cannot be read: %w", name, err)
	}
	return patterns, matcher, nil
}

func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}
