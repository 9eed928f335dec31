package watch

import (
	"slices"
	"testing"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/source/detect"
)

func TestQuick(t *testing.T) {
	t.Parallel()
	all := append(slices.Clone(detect.Ignore), "**/.git")
	quick := Quick(all)
	for _, pattern := range []string{"**/*.pyc", "**/.git/info", "**/.git/refs/[^h]*", "**/.git/[^iHrpF]*"} {
		if !slices.Contains(all, pattern) || slices.Contains(quick, pattern) {
			t.Errorf("%s: %q", pattern, quick)
		}
	}
	slow, err := patternmatcher.New(all)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := patternmatcher.New(quick)
	if err != nil {
		t.Fatal(err)
	}
	for path, out := range map[string]bool{
		"a.py": false, "a.pyc": true, ".pyc": true, "app/a.pyc": true, "app/a.pyc.txt": false, "app/apyc": false, "x.egg-info": true, "x.egg-info/PKG": true,
		"src/x.egg-info/PKG": true, "egg-info": false, ".git": true, ".git/index": true, ".git/info/x": true, "sub/.git": true, ".gitignore": false, "a.git": false,
		".yarn": false, ".yarn/unplugged/x": true, ".yarn/releases/x": false, "node_modules/x": true, "app/node_modules/x/y.pyc": true, "node_modules2": false,
	} {
		was, err := slow.MatchesOrParentMatches(path)
		if err != nil {
			t.Fatal(err)
		}
		is, err := fast.MatchesOrParentMatches(path)
		if err != nil || was != out || is != out {
			t.Errorf("%s: %v by the patterns, %v by the quick ones, want %v (%v)", path, was, is, out, err)
		}
	}
}
