package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"dagger/stack/internal/control"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
)

// exec runs a command in a service. How one that fails has ended is in a file: what it prints may be anything. Of one that does not fail
// there is nothing more to say, and to read a file from the helper would cost the call some time.
func exec(ctx context.Context, a asked[protocol.ExecRequest]) error {
	var stdin io.Reader
	if a.request.Input {
		file, err := os.Open(layout.Input)
		if err != nil {
			return err
		}
		defer file.Close()
		stdin = file
	}
	result, err := a.Exec(ctx, a.request, stdin, os.Stdout, os.Stderr)
	if err != nil || control.ExecError(a.request, result) == nil {
		return err
	}
	text, err := json.Marshal(result)
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(layout.Output), 0o755), os.WriteFile(layout.Output, text, 0o600)); err != nil {
		return err
	}
	return protocol.Errorf(protocol.CodeEnded, "")
}

func copyTo(ctx context.Context, a asked[protocol.CopyRequest]) error {
	result, err := a.CopyTo(ctx, a.request)
	return a.line(render.Copy(result), err)
}
