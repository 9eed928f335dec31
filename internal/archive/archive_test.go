package archive

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What was packed comes back: files with their modes, folders, links.
func TestPackUnpack(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(from, "deep/empty"), 0o755),
		os.WriteFile(filepath.Join(from, "deep/run.sh"), []byte("\x00\xff"), 0o750),
		os.Symlink("deep/run.sh", filepath.Join(from, "link")),
		os.Symlink("/etc/hostname", filepath.Join(from, "absolute")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var packed bytes.Buffer
	if err := Pack(&packed, from); err != nil {
		t.Fatal(err)
	}
	if files, size, err := Count(from); files != 3 || size == 0 || err != nil {
		t.Errorf("%d files, %d bytes, %v", files, size, err)
	}
	packed.Write(make([]byte, 4096)) // GNU tar pads to its block size
	if err := Unpack(to, &packed); err != nil || packed.Len() != 0 {
		t.Fatal(err, packed.Len())
	}
	if text, err := os.ReadFile(filepath.Join(to, "link")); string(text) != "\x00\xff" || err != nil {
		t.Errorf("%q %v", text, err)
	}
	if info, err := os.Stat(filepath.Join(to, "deep/run.sh")); err != nil || info.Mode() != 0o750 {
		t.Error(info, err)
	}
	if info, err := os.Stat(filepath.Join(to, "deep/empty")); err != nil || !info.IsDir() {
		t.Error(info, err)
	}
	if target, err := os.Readlink(filepath.Join(to, "absolute")); target != "/etc/hostname" {
		t.Error(target, err)
	}
}

// An archive is what a service has made: nothing of it gets out of the folder.
func TestUnpackStaysInside(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]tar.Header{
		"a path with ..":         {{Typeflag: tar.TypeReg, Name: "../out"}},
		"an absolute path":       {{Typeflag: tar.TypeReg, Name: "/out"}},
		"through a link":         {{Typeflag: tar.TypeSymlink, Name: "link", Linkname: ".."}, {Typeflag: tar.TypeReg, Name: "link/out"}},
		"over a link":            {{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "../out"}, {Typeflag: tar.TypeReg, Name: "link"}},
		"a hard link from above": {{Typeflag: tar.TypeLink, Name: "mine", Linkname: "../secret"}},
		"a mode through a link":  {{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "../secret"}, {Typeflag: tar.TypeDir, Name: "link"}},
	} {
		above := t.TempDir()
		if err := os.WriteFile(filepath.Join(above, "secret"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		archive := tar.NewWriter(&packed)
		for _, header := range headers {
			if err := archive.WriteHeader(&header); err != nil {
				t.Fatal(err)
			}
		}
		archive.Close()
		if err := Unpack(filepath.Join(above, "in"), &packed); err == nil {
			t.Errorf("%s: no error", name)
		}
		if entries, err := os.ReadDir(above); len(entries) != 2 || err != nil {
			t.Errorf("%s: %v %v", name, entries, err)
		}
	}
	var cut bytes.Buffer
	archive := tar.NewWriter(&cut)
	_ = archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "half", Size: 10})
	if err := Unpack(t.TempDir(), &cut); err == nil {
		t.Error("an archive that was cut: no error")
	}
}
