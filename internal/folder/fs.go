package folder

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/source/detect/variables"
)

// FS lets the sources look at a project that is in the engine: each listing and each file is one call,
// made when it is needed.
func FS(ctx context.Context, dir *dagger.Directory) fs.FS { return filesystem{ctx, dir} }

type filesystem struct {
	ctx context.Context
	dir *dagger.Directory
}

var _ interface {
	fs.ReadDirFS
	fs.ReadFileFS
	fs.StatFS
	fs.ReadLinkFS
	variables.Selector
} = filesystem{}

// Select copies those of the project's files that match a pattern out of the engine, all at once.
func (p filesystem) Select(patterns []string, do func(fs.FS) error) error {
	dir, err := os.MkdirTemp("", "project-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := p.dir.Filter(dagger.DirectoryFilterOpts{Include: patterns}).Export(p.ctx, dir); err != nil {
		return err
	}
	return do(os.DirFS(dir))
}

func (p filesystem) ReadFile(name string) ([]byte, error) {
	text, err := p.dir.File(name).Contents(p.ctx)
	if err != nil {
		return nil, Missing("read", name, err)
	}
	return []byte(text), nil
}

func (p filesystem) ReadDir(name string) ([]fs.DirEntry, error) {
	names, err := p.dir.Entries(p.ctx, dagger.DirectoryEntriesOpts{Path: name})
	if err != nil {
		return nil, Missing("list", name, err)
	}
	entries := make([]fs.DirEntry, len(names))
	for i, name := range names {
		entries[i] = fs.FileInfoToDirEntry(fileInfo(name))
	}
	return entries, nil
}

func (p filesystem) Stat(name string) (fs.FileInfo, error) {
	entries, err := p.ReadDir(path.Dir(name))
	if err != nil {
		return nil, err
	}
	if name == "." {
		return fileInfo("./"), nil
	}
	for _, entry := range entries {
		if entry.Name() != path.Base(name) {
			continue
		}
		// The engine lists a symbolic link to a folder as it lists a file.
		if !entry.IsDir() {
			if folder, err := p.dir.Exists(p.ctx, name, dagger.DirectoryExistsOpts{ExpectedType: dagger.ExistsTypeDirectoryType}); err == nil && folder {
				return fileInfo(entry.Name() + "/"), nil
			}
		}
		return entry.Info()
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

// ReadLink is where a symbolic link leads. The engine does not say it: the link is copied out of it.
func (p filesystem) ReadLink(name string) (target string, err error) {
	kind, err := p.dir.Stat(name, dagger.DirectoryStatOpts{DoNotFollowSymlinks: true}).FileType(p.ctx)
	if err != nil {
		return "", Missing("readlink", name, err)
	}
	if kind != dagger.FileTypeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	err = p.Select([]string{name}, func(copied fs.FS) error {
		target, err = fs.ReadLink(copied, name)
		return err
	})
	return target, err
}

// Lstat is Stat: nobody asks for more than ReadLink of a link.
func (p filesystem) Lstat(name string) (fs.FileInfo, error) { return p.Stat(name) }

func (p filesystem) Open(name string) (fs.File, error) {
	info, err := p.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	data, err := p.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return file{strings.NewReader(string(data)), info}, nil
}

// Missing turns the engine's words for a missing file into the error that callers of a file system expect.
func Missing(op, name string, err error) error {
	if strings.Contains(err.Error(), "no such file or directory") || strings.Contains(err.Error(), "not a directory") {
		err = fs.ErrNotExist
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// fileInfo is a name as the engine lists it: one of a folder ends with a slash. It knows nothing else.
type fileInfo string

func (f fileInfo) Name() string       { return path.Base(string(f)) }
func (f fileInfo) IsDir() bool        { return strings.HasSuffix(string(f), "/") }
func (f fileInfo) Size() int64        { return 0 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) Sys() any           { return nil }
func (f fileInfo) Mode() fs.FileMode {
	if f.IsDir() {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

type file struct {
	io.Reader
	info fs.FileInfo
}

func (f file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f file) Close() error               { return nil }
