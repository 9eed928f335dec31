package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/source/git"
)

// folder is the project's folder that a call is about: all of it, and without what its .gitignore names. A compose file may name
// what git ignores: .env, secrets, data.
type folder struct{ all, tracked *dagger.Directory }

// directory is the folder that a call names, or else the folder that the caller is in.
func directory(ctx context.Context, named *dagger.Directory, workspace *dagger.Workspace) (folder, error) {
	without := dagger.DirectoryFilterOpts{Exclude: []string{"**/.git"}} // changes with every look at the repository
	switch {
	case named != nil:
		tracked := without
		tracked.Gitignore = true
		return folder{named.Filter(without), named.Filter(tracked)}.withTracked(ctx, named.File(git.Index))
	case workspace != nil:
		all := dagger.WorkspaceDirectoryOpts{Exclude: detect.Ignore}
		tracked := all
		tracked.Gitignore = true
		return folder{workspace.Directory(".", all).Filter(without), workspace.Directory(".", tracked).Filter(without)}.withTracked(ctx, workspace.File(git.Index))
	}
	return folder{}, errors.New("no project: name its directory with --project-path")
}

// withTracked brings back what .gitignore names and git tracks all the same: .gitignore is about files that nobody has added.
func (f folder) withTracked(ctx context.Context, index *dagger.File) (folder, error) {
	copied := filepath.Join(os.TempDir(), rand.Text())
	if _, err := index.Export(ctx, copied); err != nil {
		return f, ctx.Err() // no repository, or one whose index lies elsewhere
	}
	defer os.Remove(copied)
	file, err := os.Open(copied)
	if err != nil {
		return f, err
	}
	defer file.Close()
	names, err := git.Tracked(file)
	if err != nil {
		// One of another format (split, sparse, of another hash, or without any) is no reason to start nothing.
		fmt.Printf("note: what git tracks though .gitignore names it is left out: %v\n", err)
		return f, nil
	}
	there, err := f.tracked.Glob(ctx, "**/*")
	if err != nil {
		return f, err
	}
	lost := git.Lost(names, there)
	if len(lost) == 0 {
		return f, nil
	}
	if there, err = f.all.Glob(ctx, "**/*"); err != nil {
		return f, err
	}
	if lost := git.Patterns(lost, there); len(lost) > 0 { // the others were deleted, or are not looked at
		f.tracked = f.tracked.WithDirectory("/", f.all, dagger.DirectoryWithDirectoryOpts{Include: lost})
	}
	return f, nil
}

// withoutIgnored is a project without what the .dockerignore of a service's folder names.
func withoutIgnored(ctx context.Context, project *dagger.Directory, dir string) (*dagger.Directory, error) {
	exclude, err := detect.DockerIgnore(projectFS{ctx, project}, dir)
	if err != nil || len(exclude) == 0 {
		return project, err
	}
	return project.Filter(dagger.DirectoryFilterOpts{Exclude: exclude}), nil
}

// projectFS lets package detect look at a project that is in the engine: each listing and each file is one call,
// made when it is needed.
type projectFS struct {
	ctx context.Context
	dir *dagger.Directory
}

var _ interface {
	fs.ReadDirFS
	fs.ReadFileFS
	fs.StatFS
	variables.Selector
} = projectFS{}

// Select copies those of the project's files that match a pattern out of the engine, all at once.
func (p projectFS) Select(patterns []string, do func(fs.FS) error) error {
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

func (p projectFS) ReadFile(name string) ([]byte, error) {
	text, err := p.dir.File(name).Contents(p.ctx)
	if err != nil {
		return nil, missing("read", name, err)
	}
	return []byte(text), nil
}

func (p projectFS) ReadDir(name string) ([]fs.DirEntry, error) {
	names, err := p.dir.Entries(p.ctx, dagger.DirectoryEntriesOpts{Path: name})
	if err != nil {
		return nil, missing("list", name, err)
	}
	entries := make([]fs.DirEntry, len(names))
	for i, name := range names {
		entries[i] = fs.FileInfoToDirEntry(fileInfo(name))
	}
	return entries, nil
}

func (p projectFS) Stat(name string) (fs.FileInfo, error) {
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

func (p projectFS) Open(name string) (fs.File, error) {
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

// missing turns the engine's words for a missing file into the error that callers of a file system expect.
func missing(op, name string, err error) error {
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
