// Package backup writes a copy of a service's data, and brings one back, with the commands that the service's description
// names.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// Run runs one command as the service does. stdin and stdout may be nil.
type Run func(ctx context.Context, command []string, stdin, stdout *os.File) error

// Dump writes a copy of the running service's data into a folder and reads it back.
func Dump(ctx context.Context, b spec.Backup, folder string, run Run) (protocol.DumpResult, error) {
	path := filepath.Join(folder, b.File)
	file, err := os.Create(path)
	if err != nil {
		return protocol.DumpResult{}, err
	}
	err = run(ctx, b.Dump, nil, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return protocol.DumpResult{}, err
	}
	if err := readBack(ctx, b.Check, path, run); err != nil {
		return protocol.DumpResult{}, fmt.Errorf("the copy cannot be read back: %w", err)
	}
	return summary(path)
}

// Restore brings the copy in a folder back.
func Restore(ctx context.Context, b spec.Backup, folder string, run Run) error {
	path := filepath.Join(folder, b.File)
	if err := readBack(ctx, b.Check, path, run); err != nil {
		return fmt.Errorf("the backup cannot be read, nothing was changed: %w", err)
	}
	return readBack(ctx, b.Restore, path, run)
}

// readBack runs a command that reads a file as its stdin.
func readBack(ctx context.Context, command []string, path string, run Run) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return run(ctx, command, file, nil)
}

func summary(path string) (protocol.DumpResult, error) {
	file, err := os.Open(path)
	if err != nil {
		return protocol.DumpResult{}, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	return protocol.DumpResult{File: filepath.Base(path), Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}
