package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What the kernel says of a file that it cannot run names no reason: the file does.
func TestInterpreter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "start.sh")
	for _, c := range []struct {
		name, text string
		why        error
		want       string
	}{
		{"line ends of Windows", "#!/bin/sh\r\necho\r\n", unix.ENOENT, `Windows line ends, so the kernel looks for the interpreter "/bin/sh\r"`},
		{"an interpreter that is not there", "#!/usr/bin/bash -e\n", unix.ENOENT, `names the interpreter "/usr/bin/bash", which is not there`},
		{"a program of another machine", "\x7fELF...", unix.ENOEXEC, "another kind of machine or C library"},
		{"no first line", "echo\n", unix.ENOEXEC, "neither a program nor a script"},
		{"another reason", "#!/bin/sh\r\n", unix.EACCES, ""},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := interpreter(path, c.why); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q in it", c.name, got, c.want)
		}
	}
	if got := interpreter(path+"-not", unix.ENOENT); got != "" {
		t.Errorf("no file: %q", got)
	}
}
