package process

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is not a whole program is not taken for one.
func TestReadFilter(t *testing.T) {
	compiled, err := CompileFilter()
	if err != nil || len(compiled) == 0 {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "seccomp.bpf")
	for name, content := range map[string][]byte{"empty": {}, "torn": compiled[:len(compiled)-3]} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readFilter(path); err != nil || !bytes.Equal(got, compiled) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for name, path := range map[string]string{"no file": path + "x", "no name": ""} {
		if got, err := readFilter(path); err != nil || !bytes.Equal(got, compiled) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	kept := append(bytes.Clone(compiled), compiled...) // another than that which it would compile
	if err := os.WriteFile(path, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := readFilter(path); err != nil || !bytes.Equal(got, kept) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func BenchmarkCompileFilter(b *testing.B) {
	for b.Loop() {
		program, err := CompileFilter()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(program)), "B")
	}
}
