package watch

import (
	"fmt"
	"slices"
	"testing"
)

func TestRecent(t *testing.T) {
	t.Parallel()
	var r Recent
	if include, exclude := r.Patterns(); include != nil || exclude != nil {
		t.Errorf("nothing was edited: %q %q", include, exclude)
	}
	r.Add([]string{"README", "app/[id]/page.tsx", "app/new/", "app/main.py", "lib/x.py"})
	// "app" is above another folder: its own files are named.
	want := []string{`app/\[id\]/*`, "lib/*", "README", `app/\[id\]/page.tsx`, "app/main.py", "lib/x.py",
		".gitignore", ".dockerignore", "Dockerfile.dockerignore", `app/\[id\]/.gitignore`, `app/\[id\]/.dockerignore`, `app/\[id\]/Dockerfile.dockerignore`,
		"app/.gitignore", "app/.dockerignore", "app/Dockerfile.dockerignore", "lib/.gitignore", "lib/.dockerignore", "lib/Dockerfile.dockerignore"}
	if include, exclude := r.Patterns(); !slices.Equal(include, want) || !slices.Equal(exclude, []string{`app/\[id\]/*/**`, "lib/*/**"}) {
		t.Errorf("%q without %q, want %q", include, exclude, want)
	}
	for i := range 100 {
		r.Add([]string{fmt.Sprintf("src/d%d/f.js", i)})
	}
	r.Add([]string{"src/d90/f.js"})
	got, _ := r.Patterns()
	if len(got) < 2*most || got[most-1] != "src/d90/*" || slices.Contains(got, "README") {
		t.Errorf("after many edits: %q", got)
	}
}
