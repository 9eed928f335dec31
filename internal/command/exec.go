package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dagger/stack/internal/control"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/protocol"
)

// exec runs a command in a service. How one that fails has ended is in a file: what it prints may be anything. Of one that does not fail
// there is nothing more to say, and to read a file from the helper would cost the call some time.
func exec(ctx context.Context, a asked[control.ExecRequest]) error {
	var stdin io.Reader
	if a.request.Input {
		file, err := os.Open(layout.Input)
		if err != nil {
			return err
		}
		defer file.Close()
		stdin = file
	}
	stdout := &text{to: os.Stdout}
	result, err := a.Exec(ctx, a.request, stdin, stdout, os.Stderr)
	if stdout.broken() {
		fmt.Fprintf(os.Stderr, "[stack] %s: stdout is not UTF-8, and the answer has \uFFFD for each wrong byte: write it to a file and take that with copy-file-from, or run the command over the HTTP API\n", a.request.Service)
	}
	if err != nil || control.ExecError(a.request, result) == nil {
		return err
	}
	ended, err := json.Marshal(result)
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(layout.Output), 0o755), os.WriteFile(layout.Output, ended, 0o600)); err != nil {
		return err
	}
	return protocol.Errorf(protocol.CodeEnded, "")
}
