package control

import (
	"archive/tar"
	"bytes"
	"context"
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
	"dagger/stack/internal/state"
)

// Manifest is the first file of a backup and says what else is in it.
type Manifest struct {
	Format   int                            `json:"format"`
	Stack    string                         `json:"stack"`
	Time     time.Time                      `json:"time"`
	Services map[string]protocol.DumpResult `json:"services"`
}

const (
	manifestName = "manifest.json"
	// manifestFormat is what is written. Of the first, the files lay beside the manifest.
	manifestFormat, manifestFirst = 2, 1
	// manifestMax bounds what is read of an archive before it is known to be one of ours.
	manifestMax = 1 << 20
)

// backupTimeout is for one service.
const backupTimeout = time.Hour

// path is the file of a service in the archive.
func (m Manifest) path(service string) string {
	if m.Format == manifestFirst {
		return m.Services[service].File
	}
	return service + "/" + m.Services[service].File
}

// Backup writes a copy of all the data of a running stack as a tar archive, and hands on what it leaves out.
func (c Client) Backup(ctx context.Context, path string, leftOut func(string)) error {
	report, err := c.Report("")
	if err != nil {
		return err
	}
	manifest := Manifest{Format: manifestFormat, Stack: c.Name, Time: time.Now().UTC(), Services: map[string]protocol.DumpResult{}}
	files := map[string]string{} // by name in the archive
	for _, reported := range report.Services {
		if !reported.Backup {
			if text := uncopied(reported.Status); text != "" {
				leftOut(text)
			}
			continue
		}
		service := c.State.Service(reported.Service)
		var dumped protocol.DumpResult
		if err := socket.Ask(ctx, service, protocol.VerbDump, nil, &dumped, backupTimeout); err != nil {
			return fmt.Errorf("back up %s: %w", service.Name, noAnswer(err, backupTimeout))
		}
		manifest.Services[service.Name] = dumped
		file := filepath.Join(service.Exchange(), dumped.File)
		defer os.Remove(file)
		files[manifest.path(service.Name)] = file
		for _, note := range dumped.Notes {
			leftOut(service.Name + ": " + note)
		}
	}
	if len(files) == 0 {
		return errors.New("the stack has no data that backup can copy: that of postgres and redis")
	}
	return writeArchive(path, manifest, files)
}

// uncopied says that a service has data which no backup takes, "" if it has none.
func uncopied(s state.Status) string {
	if len(s.Volumes) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: what it keeps on %s is not copied: the stack knows how to copy postgres and redis; its own program, or copy-from, can", s.Service, strings.Join(s.Volumes, ", "))
}

func writeArchive(path string, manifest Manifest, files map[string]string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	archive := tar.NewWriter(out)
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	header := &tar.Header{Name: manifestName, Mode: 0o644, Size: int64(len(text)), ModTime: manifest.Time}
	if err := add(archive, header, bytes.NewReader(text)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := addFile(archive, name, files[name], manifest.Time); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), out.Close())
}

func addFile(archive *tar.Writer, name, path string, at time.Time) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return add(archive, &tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: at}, file)
}

func add(archive *tar.Writer, header *tar.Header, content io.Reader) error {
	err := archive.WriteHeader(header)
	if err == nil {
		_, err = io.Copy(archive, content)
	}
	return err
}
