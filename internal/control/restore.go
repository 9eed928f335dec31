package control

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// Restore brings the data of an archive back into a running stack, and hands on each service that has it. The archive is
// read and checked whole before anything is changed.
func (c Client) Restore(ctx context.Context, path string, restored func(protocol.RestoreResult)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	archive := tar.NewReader(file)
	manifest, err := readManifest(archive)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(manifest.Services))
	targets := map[string]string{} // by file in the archive
	for _, name := range names {
		service, err := c.running(name)
		if err != nil {
			return err
		}
		dumped := manifest.Services[name]
		targets[dumped.File] = filepath.Join(service.Exchange(), filepath.Base(dumped.File))
		defer os.Remove(targets[dumped.File])
	}
	if err := extract(archive, manifest, targets); err != nil {
		return err
	}
	for _, name := range names {
		begun := time.Now()
		if err := socket.Ask(ctx, c.State.Service(name), protocol.VerbRestore, manifest.Services[name], nil, backupTimeout); err != nil {
			return withLog(c.State.Service(name), begun, fmt.Errorf("restore %s: %w", name, noAnswer(err, backupTimeout)))
		}
		restored(protocol.RestoreResult{Service: name, Stack: manifest.Stack, Time: manifest.Time})
	}
	return nil
}

func readManifest(archive *tar.Reader) (manifest Manifest, err error) {
	header, err := archive.Next()
	if err != nil || header.Name != manifestName {
		return manifest, errors.New("the file is not a backup of a stack: want one that dagger call backup has written")
	}
	if err := json.NewDecoder(io.LimitReader(archive, manifestMax)).Decode(&manifest); err != nil {
		return manifest, fmt.Errorf("the backup's manifest cannot be read: %w", err)
	}
	if manifest.Format != manifestFormat {
		return manifest, fmt.Errorf("the backup has format %d, which this version does not know: want %d", manifest.Format, manifestFormat)
	}
	if len(manifest.Services) == 0 {
		return manifest, errors.New("the backup holds no service's data")
	}
	return manifest, nil
}

// extract puts every file of the manifest where its service's agent finds it, if it is what was written.
func extract(archive *tar.Reader, manifest Manifest, targets map[string]string) error {
	sums := map[string]string{}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the backup is damaged: %w", err)
		}
		target, wanted := targets[header.Name]
		if !wanted {
			continue
		}
		if sums[header.Name], err = write(target, archive); err != nil {
			return err
		}
	}
	for name, dumped := range manifest.Services {
		if sums[dumped.File] != dumped.SHA256 {
			return fmt.Errorf("the backup is damaged: the data of %s is not what was written; nothing was changed", name)
		}
	}
	return nil
}

func write(path string, from io.Reader) (sum string, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, hash), from)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, file.Close())
}
