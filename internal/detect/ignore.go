package detect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Ignore are the patterns of what is never source, and so is never uploaded: what tools write beside it. Each has its
// reason in docs/detection.md. A name that a project may have given to its own code is not among them: build, target,
// out, bin, lib, env, public and coverage are packages and folders somewhere.
var Ignore = []string{
	// of version control: changes with every commit, so that nothing built from it would stay cached
	"**/.git", "**/.hg", "**/.svn",
	// dependencies: made for the machine they are on, and installed anew
	"**/node_modules", "**/.pnpm-store", "**/.yarn/unplugged", "**/.yarn/install-state.gz",
	"**/.pnp.cjs", "**/.pnp.loader.mjs",
	"**/.venv", "**/venv", "**/__pypackages__", "**/*.egg-info",
	// compiled and cached by Python and its tools
	"**/__pycache__", "**/*.pyc", "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache", "**/.tox", "**/.nox",
	"**/.coverage", "**/htmlcov",
	// written by frontends' tools. next-env.d.ts differs between next dev and next build, and next dev dies when it
	// cannot rewrite one that is not its own.
	"**/.next", "**/next-env.d.ts", "**/.nuxt", "**/.output", "**/.svelte-kit", "**/.astro", "**/.angular",
	"**/.docusaurus", "**/.vite", "**/.parcel-cache", "**/.turbo", "**/.cache", "**/.nyc_output", "**/lcov-report",
	// what a build puts out, by the name that most tools have for it
	"**/dist",
	// of editors and systems
	"**/.idea", "**/.vscode", "**/.direnv", "**/.DS_Store",
}

// IgnorePragma is Ignore as a pragma of a Dagger function's argument, which must be a literal there.
func IgnorePragma() string {
	list, _ := json.Marshal(Ignore) // of strings: cannot fail
	return "+ignore=" + string(list)
}

var pragma = regexp.MustCompile(`(?m)^\s*//\s*\+ignore=(\[.*\])\s*$`)

// CheckIgnorePragma compares every such pragma in a Go file with Ignore, order aside.
func CheckIgnorePragma(source []byte) error {
	found := pragma.FindAllSubmatch(source, -1)
	if len(found) == 0 {
		return fmt.Errorf("there is no line with the pragma: want // %s", IgnorePragma())
	}
	for _, match := range found {
		var list []string
		if err := json.Unmarshal(match[1], &list); err != nil {
			return fmt.Errorf("the pragma is not a list of strings: %w: want // %s", err, IgnorePragma())
		}
		if !slices.Equal(slices.Sorted(slices.Values(list)), slices.Sorted(slices.Values(Ignore))) {
			return fmt.Errorf("the pragma differs from detect.Ignore: want // %s", IgnorePragma())
		}
	}
	return nil
}

// DockerIgnore is what the .dockerignore files of the root and of a service's folder exclude, as patterns relative to
// the root, the last that matches counting, "!" in front of what is kept. A file of the root that shuts the service
// out is meant for another image and left aside. A Dockerfile is never shut out: Docker, too, reads one that is.
func DockerIgnore(fsys fs.FS, dir string) ([]string, error) {
	dir = path.Clean(dir)
	root := folder{newTree(fsys), "."}
	var all []string
	folders := []folder{root}
	if dir != "." {
		folders = append(folders, root.sub(dir))
	}
	for _, f := range folders {
		if f.dir != "." && !root.hasDir(f.dir) {
			continue
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader([]byte(f.read(".dockerignore"))))
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", f.path(".dockerignore"), err)
		}
		if f.dir == "." && dir != "." {
			shut, err := patternmatcher.MatchesOrParentMatches(dir, patterns)
			if err != nil {
				return nil, fmt.Errorf("%s has a pattern that cannot be read: %w", f.path(".dockerignore"), err)
			}
			if shut {
				continue
			}
		} else if _, err := patternmatcher.New(patterns); err != nil {
			return nil, fmt.Errorf("%s has a pattern that cannot be read: %w", f.path(".dockerignore"), err)
		}
		for _, pattern := range patterns {
			pattern, not := strings.CutPrefix(pattern, "!")
			if pattern == "." || strings.HasPrefix(pattern, "..") { // Docker, too, looks at nothing outside
				continue
			}
			pattern = path.Join(f.dir, pattern)
			if not {
				pattern = "!" + pattern
			}
			all = append(all, pattern)
		}
	}
	if len(all) > 0 {
		all = append(all, "!"+path.Join(dir, "Dockerfile"))
	}
	if root.tree.err != nil {
		return nil, fmt.Errorf("cannot read the project: %w", root.tree.err)
	}
	return all, nil
}
