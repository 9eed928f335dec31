package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"dagger/stack/internal/dockerfile"
)

// Ignore are the patterns of what tools write beside the source, which is never uploaded. docs/detection.md has the reason
// for each pattern. Names that some projects give to their own code are not among them: build, dist, target, out, bin, lib,
// env, public and coverage.
var Ignore = []string{
	// of version control, but for git's index, which says what git tracks: it is not part of what is built
	"**/.git/[^iHrpF]*", "**/.git/info", "**/.git/refs/[^h]*", "**/.git/index.*", "**/.hg", "**/.svn",
	// dependencies: made for the machine they are on, and installed anew in the container
	"**/node_modules", "**/.pnpm-store", "**/.yarn/unplugged", "**/.yarn/install-state.gz",
	"**/.pnp.cjs", "**/.pnp.loader.mjs",
	"**/.venv", "**/venv", "**/__pypackages__", "**/*.egg-info",
	// compiled and cached by Python and its tools
	"**/__pycache__", "**/*.pyc", "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache", "**/.tox", "**/.nox",
	"**/.coverage", "**/htmlcov",
	// written by frontends' tools. next dev dies when it cannot rewrite a next-env.d.ts that next build wrote.
	"**/.next", "**/next-env.d.ts", "**/.nuxt", "**/.output", "**/.svelte-kit", "**/.astro", "**/.angular",
	"**/.docusaurus", "**/.vite", "**/.parcel-cache", "**/.turbo", "**/.cache", "**/.nyc_output", "**/lcov-report",
	// of systems
	"**/.direnv", "**/.DS_Store",
}

// DockerIgnore is what the .dockerignore files of the root and of a service's folder exclude: patterns relative to the
// root, of which the last that matches counts, with "!" in front of what is kept. A file of the root that excludes the
// service is meant for another image and does not count. The Dockerfile is always kept: Docker reads it in any case.
func DockerIgnore(fsys fs.FS, dir string) ([]string, error) {
	dir = path.Clean(dir)
	folders := []string{"."}
	if dir != "." {
		folders = append(folders, dir)
	}
	var all []string
	for _, folder := range folders {
		patterns, matcher, err := dockerfile.ReadIgnore(fsys, path.Join(folder, ".dockerignore"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		shut := false
		if err == nil && folder != dir { // the root's file, for a service below
			shut, err = matcher.MatchesOrParentMatches(dir)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read the project: %w", err)
		}
		if shut {
			continue
		}
		for _, pattern := range patterns {
			pattern, not := strings.CutPrefix(pattern, "!")
			if pattern == "." || strings.HasPrefix(pattern, "..") { // Docker does not look outside either
				continue
			}
			pattern = path.Join(folder, pattern)
			if not {
				pattern = "!" + pattern
			}
			all = append(all, pattern)
		}
	}
	if len(all) > 0 {
		all = append(all, "!**/Dockerfile*", "!**/*.Dockerfile")
	}
	return all, nil
}
