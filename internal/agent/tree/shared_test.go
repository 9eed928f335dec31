package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A checkout with umask 077 can be read by others afterwards, its programs can be run, and what was readable before is as it was.
func TestShared(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fs.FileMode]fs.FileMode{
		0o600: 0o644, 0o700: 0o755, 0o400: 0o444, 0o644: 0o644, 0o755: 0o755, 0o666: 0o666, fs.ModeDir | 0o700: 0o755, fs.ModeDir | 0o500: 0o555,
	} {
		if got := Shared(mode); got != want {
			t.Errorf("%s becomes %s, want %s", mode, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	says := func() string {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := Look(path, info)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := says()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if after := says(); after != before {
		t.Errorf("a file that others may not read says %q, want %q as before", after, before)
	}
}
