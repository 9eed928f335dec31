package control

import "testing"

func TestFileTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string][2]string{
		"/app/config.json": {"/app", "config.json"},
		"config.json":      {".", "config.json"},
		"/app/":            {"/app/", "x.txt"},
		"/":                {"/", "x.txt"},
		".":                {".", "x.txt"},
		"/app/..":          {"/app/..", "x.txt"},
		"":                 {"", "x.txt"},
	} {
		if folder, name := FileTarget(target, "x.txt"); folder != want[0] || name != want[1] {
			t.Errorf("%q: %q %q, want %q", target, folder, name, want)
		}
	}
}
