package git

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
)

// TestTracked: what was added by force is tracked, whatever .gitignore says.
func TestTracked(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2", "4"} {
		dir := t.TempDir()
		for name, text := range map[string]string{".gitignore": "lib/\n", "lib/tools.py": "x", "lib/other.py": "x", "app/[slug]/page.tsx": "x"} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"add", "-f", "lib/tools.py"}, {"update-index", "--index-version", version}} {
			cmd := exec.Command("git", args...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
			}
		}
		index, err := os.ReadFile(filepath.Join(dir, Index))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Tracked(bytes.NewReader(index))
		if want := []string{".gitignore", "app/[slug]/page.tsx", "lib/tools.py"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("version %s: %q, %v, want %q", version, got, err, want)
		}
	}
	if got, err := Tracked(strings.NewReader("not an index")); err == nil || got != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLost(t *testing.T) {
	t.Parallel()
	odd := []string{"a", "lib/b", "app/[slug]/*?.tsx", "!c", "#d", `e\f`}
	lost := Lost(odd, []string{"a", "app/", "other"})
	if len(lost) != 5 || lost[0] != "lib/b" {
		t.Fatalf("%q", lost)
	}
	if got := Patterns(lost, []string{"lib/b", "lib/"}); len(got) != 1 || got[0] != "lib/b" {
		t.Errorf("of which only one is there: %q", got)
	}
	got := Patterns(lost, odd)
	for i, pattern := range got {
		matches, err := patternmatcher.MatchesOrParentMatches(odd[i+1], []string{pattern})
		if err != nil || !matches {
			t.Errorf("%s does not match %s: %v", pattern, odd[i+1], err)
		}
	}
	if matches, _ := patternmatcher.MatchesOrParentMatches("app/s/xy.tsx", got); matches {
		t.Errorf("%q match more", got)
	}
	if got := Lost([]string{"a"}, []string{"a"}); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
