package project

import (
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// What a service's last lines say of what is not as on the host.
func TestHint(t *testing.T) {
	t.Parallel()
	s := spec.Service{Process: spec.Process{Workdir: "/app/api"}, Source: &spec.Source{Dir: "backend", Path: "/app"}}
	leftOut := func(name string) bool { return name == "backend/api/.env" }
	const ignored = "backend/api/.env is there, and is left out because .gitignore names it"
	for output, want := range map[string]string{
		"node: .env: not found": ignored,
		"FileNotFoundError: [Errno 2] No such file or directory: '.env'": ignored,
		"Error: ENOENT: no such file or directory, open '/app/api/.env'": ignored,
		"2026/11/27 open ../api/.env: no such file or directory":         ignored,
		"ENOENT: no such file or directory, open '/etc/other'":           "",
		"sh: .env2: not found":        "",
		"ValueError: nothing of this": "",
	} {
		if got := Hint(s, "first\n"+output+"\nlast", leftOut); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", output, got, want)
		}
	}
	if got := Hint(spec.Service{}, "node: .env: not found", leftOut); got != "" {
		t.Errorf("a service of an image: %q", got)
	}
}
