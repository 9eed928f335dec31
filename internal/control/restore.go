package control

import (
	"archive/tar"
	"cmp"
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
	"strings"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// RestoreResult is a service that has the data of a backup again.
type RestoreResult struct {
	Service string
	Stack   string    // whose backup it is
	Time    time.Time // of the backup
	Notes   []string
}

// String is the line about the service.
func (r RestoreResult) String() string {
	line := fmt.Sprintf("%s restored from the backup of stack %q of %s", r.Service, r.Stack, r.Time.Format("2006-01-02 15:04:05 MST"))
	for _, note := range r.Notes {
		line += fmt.Sprintf("\n%s: %s", r.Service, note)
	}
	return line
}

// Restore brings the data of an archive back into a running stack, and hands on each service that has it. The archive is
// read and checked whole before anything is changed.
func (c Client) Restore(ctx context.Context, path string, restored func(RestoreResult)) error {
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
		target := filepath.Join(service.Exchange(), filepath.Base(dumped.File))
		targets[manifest.path(name)] = target
		defer os.Remove(target)
	}
	if err := extract(archive, manifest, targets); err != nil {
		return err
	}
	ask := func(name, verb string, answer any) error {
		begun := time.Now()
		err := socket.Ask(ctx, c.State.Service(name), verb, manifest.Services[name], answer, backupTimeout)
		if err != nil {
			err = withLog(c.State.Service(name), begun, fmt.Errorf("restore %s: %w", name, noAnswer(err, backupTimeout)))
		}
		return err
	}
	for _, name := range names { // each can be read, before the first is replaced
		if err := ask(name, protocol.VerbCheckDump, nil); err != nil {
			return err
		}
	}
	for i, name := range names {
		var as protocol.RestoreNotes
		if err := ask(name, protocol.VerbRestore, &as); err != nil {
			return errors.Join(err, notRestored(names, i))
		}
		restored(RestoreResult{Service: name, Stack: manifest.Stack, Time: manifest.Time, Notes: as.Notes})
	}
	return nil
}

// notRestored says what of the stack has the backup's data when one service could not be restored.
func notRestored(names []string, failed int) error {
	if failed == 0 && len(names) == 1 {
		return nil
	}
	list := func(names []string) string { return cmp.Or(strings.Join(names, ", "), "none") }
	return fmt.Errorf("restored before it: %s; not touched: %s", list(names[:failed]), list(names[failed+1:]))
}

func readManifest(archive *tar.Reader) (manifest Manifest, err error) {
	header, err := archive.Next()
	if err != nil || header.Name != manifestName {
		return manifest, errors.New("the file is not a backup of a stack: want one that the function backup has written")
	}
	if err := json.NewDecoder(io.LimitReader(archive, manifestMax)).Decode(&manifest); err != nil {
		return manifest, fmt.Errorf("the backup's manifest cannot be read: %w", err)
	}
	if manifest.Format < manifestFirst || manifest.Format > manifestFormat {
		return manifest, fmt.Errorf("the backup has format %d, which this version does not know: want %d or %d", manifest.Format, manifestFirst, manifestFormat)
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
		if sums[manifest.path(name)] != dumped.SHA256 {
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
