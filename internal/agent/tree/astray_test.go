package tree

import (
	"os"
	"slices"
	"testing"
)

// Links that lead to what is not in the container are named; those that lead nowhere on the host, too, and those within are not.
func TestAstray(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, folder := range []string{"lib", "node_modules"} {
		if err := os.Mkdir(dir+"/"+folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"shared": "../shared", "lib/deep": "../../other/x", "gone": "lib/gone", "hosts": "/etc/hosts", "nowhere": "/nowhere/at/all", "node_modules/x": "../../x", "self": ".",
	} {
		if err := os.Symlink(target, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Astray(dir, func(path string) bool { return path == dir+"/node_modules" })
	if want := []string{"lib/deep -> ../../other/x", "nowhere -> /nowhere/at/all", "shared -> ../shared"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}
