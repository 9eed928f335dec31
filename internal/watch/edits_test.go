package watch

import (
	"fmt"
	"slices"
	"testing"

	"dagger/stack/internal/spec"
)

func TestBelow(t *testing.T) {
	t.Parallel()
	var lots Edits
	for i := range many + 1 {
		lots = append(lots, fmt.Sprintf("backend/f%d", i))
	}
	for _, test := range []struct {
		edits  Edits
		folder string
		at     []string
	}{
		{nil, "backend", []string{"."}},
		{Edits{}, "backend", nil},
		{Edits{"frontend/a.js", "backend-2/a"}, "backend", nil},
		{Edits{"backend/app/main.py", "backend/app/old/", "README.md"}, "backend", []string{"app/main.py", "app/old"}},
		{Edits{"backend/app/main.py", "README.md"}, ".", []string{"backend/app/main.py", "README.md"}},
		{Edits{"services/"}, "services/api", []string{"."}},
		{Edits{"services/api/", "services/api/main.py"}, "services/api", []string{"."}},
		{Edits{"backend/a", ".gitignore"}, "frontend", []string{"."}},
		{Edits{"backend/a", "backend/Dockerfile.dockerignore"}, "backend", []string{"."}},
		{lots, "backend", []string{"."}},
	} {
		if at := test.edits.Below(test.folder); !slices.Equal(at, test.at) {
			t.Errorf("%q below %s: %q, want %q", test.edits, test.folder, at, test.at)
		}
	}
}

func TestTriggered(t *testing.T) {
	t.Parallel()
	triggers := []spec.Trigger{{Path: "web/src"}, {Path: "web/package.json"}, {Path: "."}}
	if got := (Edits{"web/package.json"}).Triggered(triggers); fmt.Sprintf("%q", got) != `[[] ["."] ["web/package.json"]]` {
		t.Errorf("%q", got)
	}
	if got := (Edits{"api/main.py"}).Triggered(triggers[:2]); got != nil {
		t.Errorf("elsewhere: %q", got)
	}
	if got := Edits(nil).Triggered(nil); got != nil {
		t.Errorf("no triggers: %q", got)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	if got := Patterns([]string{"."}); got != nil {
		t.Errorf("all of it: %q", got)
	}
	if got, want := Patterns([]string{"a*", "b/"}), []string{`a\*`, "b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	want := []string{
		`app/\[id\]/page.js`, "app/old", `app/\[id\]/.gitignore`, `app/\[id\]/.dockerignore`, `app/\[id\]/Dockerfile.dockerignore`,
		"app/.gitignore", "app/.dockerignore", "app/Dockerfile.dockerignore", ".gitignore", ".dockerignore", "Dockerfile.dockerignore",
	}
	if got := (Edits{"app/[id]/page.js", "app/old/"}).Files(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
