package tree

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
)

// list is what a folder has, without what differs between any two.
func list(t *testing.T, dir string) Files {
	t.Helper()
	files, err := List(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range files {
		file.Inode = 0
		files[name] = file
	}
	return files
}

// A container becomes as another one: files, folders, links, rights and times; what is no part of either stays.
func TestBecome(t *testing.T) {
	t.Parallel()
	to := folder(t, map[string]string{
		"same": "1", "changed": "1", "mode": "1", "gone/deep/x": "1", "file-to-folder": "1", "folder-to-file/x": "1", "link": "-> same", "link-to-folder": "-> gone",
		"mounted/theirs": "1", "with a mount/mounted/theirs": "1",
	})
	from := folder(t, map[string]string{
		"same": "1", "changed": "two", "mode!": "1", "file-to-folder/x": "1", "folder-to-file": "1", "link": "-> changed", "link-to-folder/x": "1", "new/deep/x": "1",
		"mounted/ours": "1",
	})
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := errors.Join(os.Chmod(filepath.Join(from, "new"), os.ModeSetgid|0o750), os.Chtimes(filepath.Join(from, "changed"), at, at)); err != nil {
		t.Fatal(err)
	}
	without := []string{"mounted", "with a mount/mounted"}
	was, err := List(to, without)
	if err != nil {
		t.Fatal(err)
	}
	is, err := List(from, without)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	gone := was.Beyond(is)
	if i, j := slices.Index(gone, "gone/deep"), slices.Index(gone, "gone"); i < 0 || i > j {
		t.Errorf("gone: %q", gone)
	}
	if err := errors.Join(is.Pack(&archive, from, is.Unlike(was)), Become(to, gone, &archive)); err != nil {
		t.Fatal(err)
	}
	want := list(t, from)
	delete(want, "mounted/ours")
	got := list(t, to)
	for _, theirs := range []string{"mounted/theirs", "with a mount/mounted/theirs", "with a mount/mounted", "with a mount"} {
		if _, there := got[theirs]; !there {
			t.Errorf("%s is gone", theirs)
		}
		delete(got, theirs)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if again, err := List(to, without); err != nil || len(again.Beyond(is)) != 1 {
		t.Errorf("beyond: %q %v", again.Beyond(is), err)
	}
}

// A link that the service has laid does not lead out of the container.
func TestBecomeStaysInside(t *testing.T) {
	t.Parallel()
	outside := folder(t, map[string]string{"x": "theirs"})
	to, from := folder(t, map[string]string{"dir": "-> " + outside}), folder(t, map[string]string{"dir/x": "ours"})
	is, err := List(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := is.Pack(&archive, from, []string{"dir/x"}); err != nil { // as if the folder were the same
		t.Fatal(err)
	}
	if err := Become(to, []string{"dir/x"}, &archive); err == nil {
		t.Error("a path that leads out is no error")
	}
	if text, err := os.ReadFile(filepath.Join(outside, "x")); err != nil || string(text) != "theirs" {
		t.Errorf("%q %v", text, err)
	}
}
