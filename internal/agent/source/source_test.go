//go:build root

package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/spec"
)

// source is a tree of root's.
func source(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "app")
	for _, path := range []string{dir, dir + "/lib"} {
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/main", "/lib/util", "/tsconfig.json"} {
		if err := os.WriteFile(dir+path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestPrivateCheckout: a service reads its source also where the files are their owner's alone on the host, and after an edit of one.
func TestPrivateCheckout(t *testing.T) {
	dir := source(t)
	for path, mode := range map[string]os.FileMode{"/main": 0o600, "/lib/util": 0o700, "/lib": 0o700, "": 0o700} {
		if err := os.Chmod(dir+path, mode); err != nil {
			t.Fatal(err)
		}
	}
	packages := dir + "/node_modules"
	if err := os.Mkdir(packages, 0o700); err != nil {
		t.Fatal(err)
	}
	modes := func(want string) {
		t.Helper()
		var got []string
		for _, path := range []string{"", "/lib", "/lib/util", "/main", "/node_modules"} {
			info, err := os.Stat(dir + path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%o", info.Mode().Perm()))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("modes %s, want %s", got, want)
		}
	}
	s, err := Open(spec.Source{Path: dir}, tree.Owner{UID: 1000, GID: 1000})
	if err != nil {
		t.Fatal(err)
	}
	modes("755 755 755 644 700")
	incoming := t.TempDir()
	if err := os.WriteFile(incoming+"/main", []byte("edited"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(incoming, tree.Change{Changed: []string{"main"}}); err != nil {
		t.Fatal(err)
	}
	modes("755 755 755 644 700")
}

func TestSource(t *testing.T) {
	for _, c := range []struct {
		name   string
		source spec.Source
		owned  string // what belongs to the service afterwards
		sticky bool   // it may create files in all folders
	}{
		{"read-only", spec.Source{}, "", false},
		{"scratch", spec.Source{Scratch: true, Mutable: []string{"**/tsconfig.json"}}, "/tsconfig.json", true},
		{"writable", spec.Source{Writable: true}, " /lib /lib/util /main /tsconfig.json", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.source.Path = source(t)
			if _, err := Open(c.source, tree.Owner{UID: 1000, GID: 1000}); err != nil {
				t.Fatal(err)
			}
			var owned []string
			for _, path := range []string{"", "/lib", "/lib/util", "/main", "/tsconfig.json"} {
				info, err := os.Stat(c.source.Path + path)
				if err != nil {
					t.Fatal(err)
				}
				if info.Sys().(*syscall.Stat_t).Uid == 1000 {
					owned = append(owned, path)
				}
				if info.IsDir() && (info.Mode()&sticky == sticky) != c.sticky {
					t.Errorf("%q has mode %s", path, info.Mode())
				}
			}
			if got := strings.Join(owned, " "); got != c.owned {
				t.Errorf("the service owns %q, want %q", got, c.owned)
			}
		})
	}
}

// In the folder of an image that was made for root, who is not root may read all, make files beside those of the image, and change
// none but data and logs.
func TestLend(t *testing.T) {
	dir := source(t)
	for _, path := range []string{dir + "/node_modules", dir + "/node_modules/a"} {
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(dir+"/main", 0o600), os.WriteFile(dir+"/lib/app.log", nil, 0o644), os.WriteFile(dir+"/node_modules/a.log", nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := Lend(dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"": sticky, "/lib": sticky, "/lib/util": 0o644, "/lib/app.log": 0o666, "/main": 0o644, "/node_modules/a.log": 0o644, "/node_modules": sticky, "/node_modules/a": 0o755} {
		info, err := os.Stat(dir + path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode() &^ os.ModeDir; got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}
