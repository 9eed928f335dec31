package filter

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"dagger/stack/internal/spec"
)

// What is not a whole program is not taken for one.
func TestRead(t *testing.T) {
	compiled, err := Compile(nil)
	if err != nil || len(compiled) == 0 {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "seccomp.bpf")
	for name, content := range map[string][]byte{"empty": {}, "torn": compiled[:len(compiled)-3]} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := read(path, nil); err != nil || !bytes.Equal(got, compiled) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for name, path := range map[string]string{"no file": path + "x", "no name": ""} {
		if got, err := read(path, nil); err != nil || !bytes.Equal(got, compiled) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	kept := append(bytes.Clone(compiled), compiled...) // another than that which it would compile
	if err := os.WriteFile(path, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := read(path, nil); err != nil || !bytes.Equal(got, kept) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		program, err := Compile(nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(program)), "B")
	}
}

// A program that is kept is that for the same capabilities, in whatever order they are named, and not for others.
func TestFile(t *testing.T) {
	none, one := File("/x/filter", nil), File("/x/filter", []string{"CAP_CHOWN"})
	two, again := File("/x/filter", []string{"CAP_CHOWN", "CAP_KILL"}), File("/x/filter", []string{"CAP_KILL", "CAP_CHOWN"})
	if none != "/x/filter" || one == none || two == one || two != again || File("", []string{"CAP_CHOWN"}) != "" {
		t.Error(none, one, two, again)
	}
	for _, capabilities := range [][]string{spec.DefaultCapabilities, {"CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_NET_ADMIN"}} {
		if filter, err := Compile(capabilities); err != nil || len(filter) == 0 {
			t.Errorf("%q: %v", capabilities, err)
		}
	}
}
