package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func all(string, fs.FileInfo) bool { return false }

// folder makes one of the given files: "-> x" is a link to x, a name that ends with ! is executable.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		mode := fs.FileMode(0o644)
		if cut, is := strings.CutSuffix(name, "!"); is {
			name, mode = cut, 0o755
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, is := strings.CutPrefix(text, "-> "); is {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(text), mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, dir string) Tree {
	t.Helper()
	found, err := Read(dir, all)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDiffAndApply(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		from, to map[string]string
		change   Change
	}{
		{"nothing", map[string]string{"a": "1"}, map[string]string{"a": "1"}, Change{}},
		{"an edit", map[string]string{"a": "1", "b": "1"}, map[string]string{"a": "2", "b": "1"}, Change{Changed: []string{"a"}}},
		{"a new file in a new folder", nil, map[string]string{"x/y/a": "1"}, Change{Added: []string{"x/y/a"}}},
		{"a file that goes, with its folder", map[string]string{"x/y/a": "1", "b": "1"}, map[string]string{"b": "1"}, Change{Deleted: []string{"x/y/a"}}},
		{"a mode", map[string]string{"a": "1"}, map[string]string{"a!": "1"}, Change{Changed: []string{"a"}}},
		{"a link", map[string]string{"a": "-> b"}, map[string]string{"a": "-> c"}, Change{Changed: []string{"a"}}},
		{"a link in the place of a file", map[string]string{"a": "1"}, map[string]string{"a": "-> c"}, Change{Changed: []string{"a"}}},
		{"a file in the place of a folder", map[string]string{"x/a": "1"}, map[string]string{"x": "1"}, Change{Added: []string{"x"}, Deleted: []string{"x/a"}}},
		{"a folder in the place of a file", map[string]string{"x": "1"}, map[string]string{"x/a": "1"}, Change{Added: []string{"x/a"}, Deleted: []string{"x"}}},
	} {
		from, to := folder(t, row.from), folder(t, row.to)
		change := Diff(read(t, from), read(t, to))
		if !reflect.DeepEqual(change, row.change) {
			t.Errorf("%s: %+v", row.name, change)
		}
		if err := Apply(from, to, change, nil); err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if got := read(t, from); !reflect.DeepEqual(got, read(t, to)) {
			t.Errorf("%s: %v, want %v", row.name, got, read(t, to))
		}
		if _, err := os.Lstat(filepath.Join(from, "x")); row.to["b"] == "1" && err == nil {
			t.Errorf("%s: the empty folder is still there", row.name)
		}
	}
}

// Whoever can write to the folder must not get a change to be made elsewhere.
func TestApplyStaysInside(t *testing.T) {
	t.Parallel()
	outside := folder(t, map[string]string{"a": "theirs"})
	dir := folder(t, map[string]string{"x": "-> " + outside})
	to := folder(t, map[string]string{"x/a": "ours"})
	Apply(dir, to, Change{Added: []string{"x/a"}}, nil)
	Apply(dir, to, Change{Deleted: []string{"x/../../a", "../a"}}, nil)
	if text, err := os.ReadFile(filepath.Join(outside, "a")); err != nil || string(text) != "theirs" {
		t.Errorf("%q %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "x/a")); err != nil || string(text) != "ours" {
		t.Errorf("the new folder: %q %v", text, err)
	}
	if err := Apply(dir, to, Change{Added: []string{"../b"}}, nil); err == nil {
		t.Error("a path that leads out is no error")
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	change := Change{Added: []string{"web/package.json"}, Changed: []string{"app/main.py", "requirements.txt"}, Deleted: []string{"package-lock.json"}}
	for patterns, want := range map[string]string{
		"":                               "",
		"requirements.txt":               "requirements.txt",
		"package*.json":                  "package-lock.json",
		"**/package.json requirements.*": "web/package.json requirements.txt",
		"**":                             "web/package.json app/main.py requirements.txt package-lock.json",
	} {
		got, err := change.Matching(strings.Fields(patterns))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q %v", patterns, got, err)
		}
	}
}
