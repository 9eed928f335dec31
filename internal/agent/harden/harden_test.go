//go:build root

package harden

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/cap"
)

const child = "HARDEN_TEST"

// The tests need root, and lose it: each gives up what it has in a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(child) == "" {
		os.Exit(m.Run())
	}
	if err := reduced(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// reduced gives capabilities up and looks at every thread, and at a program that it starts.
func reduced() error {
	for range 8 { // threads
		go func() { select {} }()
	}
	if err := Agent(); err != nil {
		return err
	}
	threads, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		if err := keptOnly(thread); err != nil {
			return err
		}
	}
	out, err := exec.Command("cat", "/proc/self/status").Output()
	if err != nil {
		return err
	}
	return keptOnlyIn("a program", string(out))
}

func keptOnly(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, keptOnlyIn(path, string(text)))
}

func keptOnlyIn(what, status string) error {
	all := os.Getenv(child)
	for _, line := range []string{"CapInh:\t0000000000000000\n", "CapPrm:\t" + all, "CapEff:\t" + all, "CapBnd:\t" + all, "CapAmb:\t0000000000000000\n"} {
		if !strings.Contains(status, line) {
			return fmt.Errorf("%s: want %q in\n%s", what, line, status)
		}
	}
	return nil
}

func TestAgentKeepsWhatItNeeds(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	had := cap.GetProc()
	var want uint64 // bits 0, 1, 3, 5 to 8 and 24, as far as there are any: capability(7) has their names
	for _, c := range []cap.Value{0, 1, 3, 5, 6, 7, 8, 24} {
		if held, _ := had.GetFlag(cap.Permitted, c); held {
			want |= 1 << c
		}
	}
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%016x", child, want))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRemoveDevices(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pts", "shm", "net", "mapper"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	left := []string{"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "pts/0"}
	for _, name := range append(left, "kmsg", "kvm", "loop0", "net/tun", "mapper/control") {
		if err := unix.Mknod(filepath.Join(dir, name), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "shm", "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/proc/self/fd", filepath.Join(dir, "fd")); err != nil {
		t.Fatal(err)
	}
	if err := removeDevices(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(left, "fd", "shm/file") {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"kmsg", "kvm", "loop0", "net/tun", "mapper/control"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
