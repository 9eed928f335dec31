package hack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// largest is the size up to which a file belongs into the repository: 1 MiB. What is larger is a built program or
// data, and stays in the history of every clone for good.
const largest = 1 << 20

func TestNoLargeFiles(t *testing.T) {
	out, err := exec.Command("git", "-C", "..", "ls-files", "-z").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v: this test needs git and a clone", err)
	}
	names := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	if len(names) < 100 {
		t.Fatalf("git tracks only %d files: is this the repository?", len(names))
	}
	for _, name := range tooLarge(t, "..", names) {
		t.Errorf("%s is larger than %d bytes: remove the file from git (git rm --cached), and name it in .gitignore", name, largest)
	}
}

func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int64{"fits": largest, "large": largest + 1} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(tooLarge(t, dir, []string{"fits", "large", "removed"}), " "); got != "large" {
		t.Errorf("too large: %q, want only %q", got, "large")
	}
}

// tooLarge is which of the files are. A file that was removed and is still tracked counts as none.
func tooLarge(t *testing.T, dir string, names []string) (found []string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Lstat(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > largest {
			found = append(found, name)
		}
	}
	return found
}
