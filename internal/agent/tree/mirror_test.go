package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A folder becomes like the one of a build: what is the same is not touched, what the build does not have goes, unless it is to be kept.
func TestMirror(t *testing.T) {
	t.Parallel()
	before := map[string]string{
		"same": "1", "edited": "1", "longer": "1", "mode": "1", "gone": "1", "old/deep/x": "1", "link": "-> same", "was-folder/x": "1", "was-file": "1",
	}
	after := map[string]string{
		"same": "1", "edited": "2", "longer": "12", "mode!": "1", "new/deep/x": "1", "link": "-> edited", "was-folder": "1", "was-file/x": "1",
	}
	for _, keep := range []bool{false, true} {
		to, from := filepath.Join(folder(t, nil), "x"), filepath.Join(folder(t, nil), "x")
		for at, files := range map[string]map[string]string{to: before, from: after} {
			if err := os.Rename(folder(t, files), at); err != nil {
				t.Fatal(err)
			}
		}
		same, err := os.Stat(filepath.Join(to, "same"))
		if err != nil {
			t.Fatal(err)
		}
		if err := (Mirror{Keep: keep, Skip: none}).Make(to, from); err != nil {
			t.Fatal(err)
		}
		want := read(t, from)
		if keep {
			want["gone"], want["old/deep/x"] = read(t, folder(t, before))["gone"], read(t, folder(t, before))["old/deep/x"]
		}
		if got := read(t, to); !reflect.DeepEqual(got, want) {
			t.Errorf("keep %v: %v, want %v", keep, got, want)
		}
		if now, err := os.Stat(filepath.Join(to, "same")); err != nil || !os.SameFile(same, now) {
			t.Errorf("keep %v: what is the same was replaced: %v", keep, err)
		}
		if _, err := os.Lstat(filepath.Join(to, "old")); (err == nil) != keep {
			t.Errorf("keep %v: a folder that the build does not have: %v", keep, err)
		}
	}
}

// The source is not the build's, and neither is what the service keeps beside it.
func TestMirrorBesideTheSource(t *testing.T) {
	t.Parallel()
	source := func(info fs.FileInfo) bool { return strings.HasPrefix(info.Name(), "src") }
	parent := folder(t, map[string]string{"src/src-a": "old", "src/uploads/1": "a user's", "src/packages/old/x": "1", "src/packages/y": "1"})
	built := folder(t, map[string]string{"src/src-a": "new", "src/packages/y": "2", "src/packages/new/x": "1", "src/src-sub/generated": "1"})
	if err := (Mirror{Skip: source}).Make(filepath.Join(parent, "src"), filepath.Join(built, "src")); err != nil {
		t.Fatal(err)
	}
	want := read(t, folder(t, map[string]string{
		"src/src-a": "old", "src/uploads/1": "a user's", "src/packages/y": "2", "src/packages/new/x": "1", "src/src-sub/generated": "1",
	}))
	if got := read(t, parent); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A single file, and nothing through links that the service has laid.
func TestMirrorOfAFile(t *testing.T) {
	t.Parallel()
	outside := folder(t, map[string]string{"x": "theirs"})
	to, from := folder(t, map[string]string{"bin/app!": "old", "lib/y": "-> " + outside + "/x", "lib/sub": "-> " + outside}), folder(t, map[string]string{
		"bin/app!": "new", "lib/y": "ours", "lib/sub/x": "ours",
	})
	all := func(fs.FileInfo) bool { return true }
	if err := (Mirror{Skip: all}).Make(filepath.Join(to, "bin/app"), filepath.Join(from, "bin/app")); err != nil {
		t.Error(err)
	}
	if err := (Mirror{Skip: none}).Make(filepath.Join(to, "lib"), filepath.Join(from, "lib")); err != nil {
		t.Error(err)
	}
	if got, want := read(t, to), read(t, from); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if text, err := os.ReadFile(filepath.Join(outside, "x")); err != nil || string(text) != "theirs" {
		t.Errorf("what a link leads to: %q %v", text, err)
	}
}

func none(fs.FileInfo) bool { return false }
