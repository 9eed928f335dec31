package watch

import (
	"fmt"
	"slices"
	"testing"
)

func TestRecent(t *testing.T) {
	t.Parallel()
	var r Recent
	if patterns := r.Patterns(); patterns != nil {
		t.Errorf("nothing was edited: %q", patterns)
	}
	r.Add([]string{"README", "app/[id]/page.tsx", "app/new/", "app/main.py"})
	want := []string{"*.*", `app/\[id\]/*.*`, "app/*.*", "README", `app/\[id\]/page.tsx`, "app/main.py",
		".gitignore", "*.dockerignore", `app/\[id\]/.gitignore`, `app/\[id\]/*.dockerignore`, "app/.gitignore", "app/*.dockerignore"}
	if got := r.Patterns(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for i := range 100 {
		r.Add([]string{fmt.Sprintf("src/d%d/f.js", i)})
	}
	r.Add([]string{"src/d90/f.js"})
	got := r.Patterns()
	if len(got) < 2*most || got[most-1] != "src/d90/*.*" || slices.Contains(got, "README") {
		t.Errorf("after many edits: %q", got)
	}
}
