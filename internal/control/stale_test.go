package control

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dagger/stack/internal/spec"
)

func TestBuiltFrom(t *testing.T) {
	t.Parallel()
	project := t.TempDir()
	for name, text := range map[string]string{"web/.dockerignore": "*.md\n!keep.md\nDockerfile\n", "api/prod.Dockerfile.dockerignore": "tests\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(project, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(project, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edited := []string{
		"web/", "web/Dockerfile", "web/a.js", "web/notes.md", "web/keep.md", "web/src/b.js", "web-2/c", "api/tests/t", "api/main.go", "shared/x", "README",
	}
	for _, test := range []struct {
		name  string
		from  spec.From
		binds []string
		want  []string
	}{
		{"a folder", spec.From{Dockerfile: "web/Dockerfile", Dir: "./web"}, nil, []string{"web/Dockerfile", "web/a.js", "web/keep.md", "web/src/b.js"}},
		{"with a bind", spec.From{Dockerfile: "web/Dockerfile", Dir: "web"}, []string{"./web/src", "web/a.js"}, []string{"web/Dockerfile", "web/keep.md"}},
		{"all of it is a bind", spec.From{Dockerfile: "web/Dockerfile", Dir: "web"}, []string{"web"}, []string{"web/Dockerfile"}},
		{"ignored for one Dockerfile", spec.From{Dockerfile: "api/prod.Dockerfile", Dir: "api"}, nil, []string{"api/main.go"}},
		{"another folder", spec.From{Dirs: []string{"shared"}}, nil, []string{"shared/x"}},
		{"none", spec.From{}, nil, nil},
	} {
		got, err := builtFrom(SyncRequest{Project: project, Edited: edited}, test.from, test.binds)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q %v, want %q", test.name, got, err, test.want)
		}
	}
}
