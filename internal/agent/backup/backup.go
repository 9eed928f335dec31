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
	"strings"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// Run runs one command as the service does, and returns what it wrote to stderr. stdin and stdout may be nil.
type Run func(ctx context.Context, command []string, stdin, stdout *os.File) (words string, err error)

// Dump writes a copy of the running service's data into a folder and reads it back.
func Dump(ctx context.Context, b spec.Backup, folder string, run Run) (protocol.DumpResult, error) {
	path := filepath.Join(folder, b.File)
	file, err := os.Create(path)
	if err != nil {
		return protocol.DumpResult{}, err
	}
	words, err := run(ctx, b.Dump, nil, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return protocol.DumpResult{}, err
	}
	if _, err := readBack(ctx, b.Check, path, run); err != nil {
		return protocol.DumpResult{}, fmt.Errorf("the copy cannot be read back: %w", err)
	}
	result, err := summary(path)
	result.Notes = notes(words)
	return result, err
}

// Check reads the copy in a folder, and changes nothing.
func Check(ctx context.Context, b spec.Backup, folder string, run Run) error {
	if _, err := readBack(ctx, b.Check, filepath.Join(folder, b.File), run); err != nil {
		return fmt.Errorf("the backup cannot be read, nothing was changed: %w", err)
	}
	return nil
}

// Restore brings the copy in a folder back; notes say what of the service is not as in the copy.
func Restore(ctx context.Context, b spec.Backup, folder string, run Run) ([]string, error) {
	if err := Check(ctx, b, folder, run); err != nil {
		return nil, err
	}
	words, err := readBack(ctx, b.Restore, filepath.Join(folder, b.File), run)
	return notes(words), err
}

// readBack runs a command that reads a file as its stdin.
func readBack(ctx context.Context, command []string, path string, run Run) (words string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return run(ctx, command, file, nil)
}

// notes are the lines that a command writes for the user.
func notes(words string) (lines []string) {
	for line := range strings.Lines(words) {
		if note, found := strings.CutPrefix(strings.TrimSpace(line), "note: "); found {
			lines = append(lines, note)
		}
	}
	return lines
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
