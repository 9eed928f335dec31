package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// Files come out of a running service and into it, from another terminal.
func TestCopy(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	dir := t.TempDir()
	ours, out, one := filepath.Join(dir, "ours"), filepath.Join(dir, "out"), filepath.Join(dir, "one")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(ours, "deep"), 0o755), os.WriteFile(filepath.Join(ours, "deep/bytes"), []byte("\x00\xff"), 0o600),
		os.WriteFile(filepath.Join(dir, "one.txt"), []byte("one"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.contains("a folder", s.ok("copy-to", "--service", "backend", "--path", "/tmp/in", "--from", ours), "backend has 1 file more at /tmp/in")
	s.contains("a file into a folder", s.ok("copy-to", "--service", "backend", "--path", "/tmp/in/", "--file", filepath.Join(dir, "one.txt")), "1 file more at /tmp/in/")
	s.ok("copy-to", "--service", "backend", "--path", "/tmp/in/deep/two.txt", "--file", filepath.Join(dir, "one.txt"))
	s.contains("a file to a folder that is there", s.ok("copy-to", "--service", "backend", "--path", "/tmp/in/deep", "--file", filepath.Join(dir, "one.txt")), "1 file more at /tmp/in/deep")
	s.ok("copy-from", "--service", "backend", "--path", "/tmp/in", "export", "--path", out)
	s.ok("copy-file-from", "--service", "backend", "--path", "/tmp/in/deep/bytes", "export", "--path", one)
	for path, want := range map[string]string{out + "/deep/bytes": "\x00\xff", out + "/one.txt": "one", out + "/deep/two.txt": "one", out + "/deep/one.txt": "one", one: "\x00\xff"} {
		if text, err := os.ReadFile(path); string(text) != want || err != nil {
			t.Errorf("%s: %q %v", path, text, err)
		}
	}

	s.ok("stop")
	s.contains("stopped", s.fails("copy-from", "--service", "backend", "--path", "/tmp", "export", "--path", out), "is not running")
}
