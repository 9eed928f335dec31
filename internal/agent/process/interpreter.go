package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lineMax is how much of a script's first line the kernel reads (linux/binfmts.h, BINPRM_BUF_SIZE).
const lineMax = 256

// interpreter is why a file that is there and may be executed could not be run all the same, as far as that can be seen in the file.
// The kernel's own word for most of these is that there is no such file, which sends its reader to the wrong file.
func interpreter(path string, why error) string {
	if !errors.Is(why, unix.ENOENT) && !errors.Is(why, unix.ENOEXEC) {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	line, _ := bufio.NewReader(io.LimitReader(file, lineMax)).ReadBytes('\n')
	script, isScript := bytes.CutPrefix(line, []byte("#!"))
	program, _, _ := bytes.Cut(bytes.TrimLeft(bytes.TrimSuffix(script, []byte("\n")), " \t"), []byte(" "))
	switch {
	case isScript && bytes.HasSuffix(script, []byte("\r\n")):
		return fmt.Sprintf(": it has Windows line ends, so the kernel looks for the interpreter %q: save the file with Unix line ends (LF; in .gitattributes: *.sh text eol=lf)", program)
	case isScript:
		return fmt.Sprintf(": its first line names the interpreter %q, which is not there or cannot be run", program)
	case bytes.HasPrefix(line, []byte("\x7fELF")):
		return ": the program is for another kind of machine or C library (glibc, musl) than the image's"
	}
	return ": it is neither a program nor a script whose first line names an interpreter, such as #!/bin/sh"
}
