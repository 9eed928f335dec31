package control

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"dagger/stack/internal/archive"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
)

// CopyRequest asks for files of a running service, or for files to be brought there.
type CopyRequest struct {
	Service string
	Path    string // in the service's container; relative to the service's folder unless it begins with a slash
	From    string // in the helper: what is brought
	To      string // in the helper: where the files come
	Single  bool   // From has one file, and Path is that file's or the folder's that it comes into
}

// CopyResult is what was brought to a service.
type CopyResult struct {
	Service string
	Path    string
	Files   int
	Bytes   int64
}

// String is the line about the files.
func (r CopyResult) String() string {
	files := "1 file"
	if r.Files != 1 {
		files = fmt.Sprintf("%d files", r.Files)
	}
	return fmt.Sprintf("%s has %s more at %s (%s)", r.Service, files, r.Path, limits.Size(r.Bytes))
}

// Files are copied by tar and cat of the service's own image, which run as what exec runs: so nobody reads or writes by a copy
// what the service itself could not.

// CopyFrom brings a folder of a running service into a folder of ours.
func (c Client) CopyFrom(ctx context.Context, r CopyRequest) error {
	if err := checkCopy(r); err != nil {
		return err
	}
	read, write := io.Pipe()
	unpacked := make(chan error, 1)
	go func() {
		err := archive.Unpack(r.To, read)
		read.CloseWithError(err)
		unpacked <- err
	}()
	err := c.runFor(ctx, "copy from", r, []string{"tar", "-c", "-f", "-", "-C", r.Path, "."}, nil, write)
	write.CloseWithError(err)
	if failure := <-unpacked; err == nil {
		err = failure
	}
	return advised(err, "Not a directory", "it is a file: take it with copy-file-from")
}

// CopyFileFrom brings one file of a running service to a path of ours.
func (c Client) CopyFileFrom(ctx context.Context, r CopyRequest) error {
	if err := checkCopy(r); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.To), 0o755); err != nil {
		return err
	}
	file, err := os.Create(r.To)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := c.runFor(ctx, "copy from", r, []string{"cat", "--", r.Path}, nil, file); err != nil {
		return advised(err, "Is a directory", "it is a folder: take it with copy-from")
	}
	return file.Close()
}

// CopyTo brings what a folder of ours has into a folder of a running service, which is made if there is none. What has other
// names there stays.
func (c Client) CopyTo(ctx context.Context, r CopyRequest) (result CopyResult, err error) {
	if err := checkCopy(r); err != nil {
		return result, err
	}
	result = CopyResult{Service: r.Service, Path: r.Path}
	if r.Single {
		if r.Path, err = c.placed(ctx, r); err != nil {
			return result, err
		}
	}
	if result.Files, result.Bytes, err = archive.Count(r.From); err != nil {
		return result, err
	}
	if err := c.runFor(ctx, "copy to", r, []string{"mkdir", "-p", "--", r.Path}, nil, io.Discard); err != nil {
		return result, advised(err, "File exists", "it is a file there: name a folder")
	}
	read, write := io.Pipe()
	defer read.Close()
	go func() { write.CloseWithError(archive.Pack(write, r.From)) }()
	return result, c.runFor(ctx, "copy to", r, []string{"tar", "-x", "-o", "-f", "-", "-C", r.Path}, read, io.Discard)
}

// placed gives the one file that is brought the name that it gets, and returns its folder: as for cp, a path that is a folder's in the
// service is where the file comes into.
func (c Client) placed(ctx context.Context, r CopyRequest) (folder string, err error) {
	files, err := os.ReadDir(r.From)
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("copy to %s: %d files at %s, want one: %w", r.Service, len(files), r.From, err)
	}
	folder, name := FileTarget(r.Path, files[0].Name())
	if folder != r.Path {
		isFolder := ExecRequest{Service: r.Service, Command: []string{"test", "-d", r.Path}}
		result, err := c.Exec(ctx, isFolder, nil, io.Discard, io.Discard)
		if err != nil && protocol.CodeOf(err) != protocol.CodeInvalid { // invalid: the image has no test
			return "", err
		}
		if err == nil && result.Code == 0 {
			folder, name = r.Path, files[0].Name()
		}
	}
	return folder, os.Rename(filepath.Join(r.From, files[0].Name()), filepath.Join(r.From, name))
}

// advised is an error with what to do, if it says what calls for that.
func advised(err error, says, advice string) error {
	if err == nil || !strings.Contains(err.Error(), says) {
		return err
	}
	return invalid("%v: %s", err, advice)
}

func checkCopy(r CopyRequest) error {
	if r.Path == "" {
		return invalid("path: want where it is in the service's container, such as /app/out")
	}
	return nil
}

// runFor runs a command in the service; the error of one that fails is what the command says.
func (c Client) runFor(ctx context.Context, what string, r CopyRequest, command []string, stdin io.Reader, stdout io.Writer) error {
	said := &beginning{}
	request := ExecRequest{Service: r.Service, Command: command, Input: stdin != nil, Reveal: true}
	result, err := c.Exec(ctx, request, stdin, stdout, said)
	if err != nil {
		return err
	}
	failure := ExecError(request, result)
	if failure == nil {
		return nil
	}
	if text := said.why(); text != "" {
		return invalid("%s %s: %s", what, r.Service, text)
	}
	return fmt.Errorf("%s %s: %w", what, r.Service, failure)
}

// beginning keeps the first of what a command says.
type beginning struct{ bytes.Buffer }

const beginningMax = 2 << 10

func (b *beginning) Write(text []byte) (int, error) {
	b.Buffer.Write(text[:min(len(text), beginningMax-b.Len())])
	return len(text), nil
}

// tarEnds are what GNU tar says after what was wrong.
var tarEnds = []string{"tar: Exiting with failure status due to previous errors", "tar: Error is not recoverable: exiting now"}

// why is what was wrong.
func (b *beginning) why() string {
	text := strings.TrimSpace(b.String())
	for _, end := range tarEnds {
		text = strings.TrimSpace(strings.TrimSuffix(text, end))
	}
	return text
}

// FileTarget is the folder that a file is brought to and its name there: path, or the folder path under the file's own name if
// path can be no file's.
func FileTarget(target, name string) (folder, as string) {
	switch base := path.Base(target); {
	case target == "": // refused later
		return "", name
	case strings.HasSuffix(target, "/"), base == ".", base == "..":
		return target, name
	default:
		return path.Dir(target), base
	}
}
