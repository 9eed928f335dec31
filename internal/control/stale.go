package control

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/dockerfile"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// stale tells of the edits that only a new image can bring, which a running service cannot get.
func stale(report Report, r SyncRequest, told func(SyncResult)) {
	for _, s := range report.Services {
		if !s.Running || s.From == nil || s.Mode == spec.ModeJob {
			continue
		}
		comes := slices.Clone(s.Binds)
		for _, t := range s.Triggers {
			comes = append(comes, t.Path) // or what becomes of it was told
		}
		names, err := builtFrom(r, *s.From, comes)
		if err != nil {
			names, err = nil, fmt.Errorf("%s: %w", s.Service, err)
			told(SyncResult{Service: s.Service, Problem: err.Error()})
		}
		if len(names) > 0 {
			told(SyncResult{Service: s.Service, Problem: fmt.Sprintf(
				"%s: its image was built from %s: for the edit it takes a new up: end the stack and start it anew with up", s.Service, protocol.Few(names))})
		}
	}
}

// builtFrom are those of the edits that an image was built from: its Dockerfile, and what is in the folders that it was built with,
// is not ignored, and does not come by a bind.
func builtFrom(r SyncRequest, from spec.From, binds []string) (names []string, err error) {
	var ignored *patternmatcher.PatternMatcher
	if from.Dir != "" {
		patterns, err := dockerfile.Ignored(os.DirFS(r.Project), path.Clean(from.Dir), from.Dockerfile)
		if err != nil {
			return nil, err
		}
		if ignored, err = patternmatcher.New(patterns); err != nil {
			return nil, err
		}
	}
	for _, edit := range r.Edited {
		if strings.HasSuffix(edit, "/") {
			continue // what is in the folder is named, too
		}
		is := edit == from.Dockerfile
		if !is && !slices.ContainsFunc(binds, func(bind string) bool { return below(bind, edit) != "" }) {
			is = slices.ContainsFunc(from.Dirs, func(dir string) bool { return below(dir, edit) != "" })
			if name := below(from.Dir, edit); name != "" && from.Dir != "" && !is {
				out, err := ignored.MatchesOrParentMatches(name)
				if err != nil {
					return nil, err
				}
				is = !out
			}
		}
		if is {
			names = append(names, edit)
		}
	}
	return names, nil
}

// below is a path as seen from a folder, "" if it is not in there.
func below(folder, name string) string {
	if folder = path.Clean(folder); folder == "." {
		return name
	} else if folder == name {
		return "."
	}
	rest, is := strings.CutPrefix(name, folder+"/")
	if !is {
		return ""
	}
	return rest
}
