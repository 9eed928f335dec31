// Package folder is the project's folder as the engine has it: what a call names, with and without what git ignores.
package folder

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/source/git"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Folder is the project's folder that a call is about: all of it, and without what its .gitignore names. A compose file may name
// what git ignores: .env, secrets, data.
type Folder struct {
	All, Tracked *dagger.Directory

	git   func(name string) *dagger.File // of the repository; nil: there is none
	named bool                           // the call names it: where it lies is not known
}

// Of is the folder that a call names, or else the folder that the caller is in.
func Of(ctx context.Context, named *dagger.Directory, workspace *dagger.Workspace) (Folder, error) {
	without := dagger.DirectoryFilterOpts{Exclude: []string{"**/.git"}} // changes with every look at the repository
	switch {
	case named != nil:
		tracked := without
		tracked.Gitignore = true
		at := func(name string) *dagger.File { return named.File(name) }
		return Folder{All: named.Filter(without), Tracked: named.Filter(tracked), git: at, named: true}.WithTracked(ctx, named.File(git.Index))
	case workspace != nil:
		at := func(name string) *dagger.File { return workspace.File(name) }
		all := dagger.WorkspaceDirectoryOpts{Exclude: detect.Ignore}
		tracked := all
		tracked.Gitignore = true
		return Folder{All: workspace.Directory(".", all).Filter(without), Tracked: workspace.Directory(".", tracked).Filter(without), git: at}.WithTracked(ctx, workspace.File(git.Index))
	}
	return Folder{}, errors.New("no project: name its directory with --project-path")
}

// WithTracked brings back what .gitignore names and git tracks all the same: .gitignore is about files that nobody has added.
func (f Folder) WithTracked(ctx context.Context, index *dagger.File) (Folder, error) {
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
	there, err := f.Tracked.Glob(ctx, "**/*")
	if err != nil {
		return f, err
	}
	lost := git.Lost(names, there)
	if len(lost) == 0 {
		return f, nil
	}
	if there, err = f.All.Glob(ctx, "**/*"); err != nil {
		return f, err
	}
	if lost := git.Patterns(lost, there); len(lost) > 0 { // the others were deleted, or are not looked at
		f.Tracked = f.Tracked.WithDirectory("/", f.All, dagger.DirectoryWithDirectoryOpts{Include: lost})
	}
	return f, nil
}

// Origin is where the folder's files come from, as far as its repository says.
func (f Folder) Origin(ctx context.Context) git.Origin {
	if f.git == nil {
		return git.Origin{}
	}
	return git.OriginOf(func(name string) string {
		text, err := f.git(name).Contents(ctx)
		if err != nil {
			return "" // it is not there
		}
		return text
	})
}

// Identity is what the project is known by, where a call has named its folder: the folder that the caller is in says it otherwise.
func (f Folder) Identity(ctx context.Context) (of state.Identity) {
	if !f.named {
		return of
	}
	var patterns []string
	for _, manifest := range detect.Manifests {
		patterns = append(patterns, manifest, "*/"+manifest)
	}
	err := FS(ctx, f.Tracked).(variables.Selector).Select(patterns, func(copied fs.FS) error {
		of = detect.NamesOfParts(copied)
		return nil
	})
	if err != nil {
		return nil // nobody is refused for what could not be read
	}
	return of
}

// Once is what is known of a service that need not do its work again: of one that reads files of the project, these, and its own command
// and environment.
func (f Folder) Once(ctx context.Context, s spec.Service) (*spec.Once, error) {
	if len(s.Reads) == 0 {
		return s.Once, nil
	}
	read, err := f.Tracked.Filter(dagger.DirectoryFilterOpts{Include: s.Reads}).Digest(ctx)
	if err != nil {
		return nil, err
	}
	process, err := json.Marshal(s.Process)
	once := *s.Once
	once.Digest = fmt.Sprintf("%x", sha256.Sum256(append(process, read...)))
	return &once, err
}

// LeftOut tells whether a file is in the project's folder, and not among what services are made of.
func (f Folder) LeftOut(ctx context.Context, name string) bool {
	if f.All == nil {
		return false
	}
	there, err := f.All.Exists(ctx, name)
	tracked, trackedErr := f.Tracked.Exists(ctx, name)
	return err == nil && trackedErr == nil && there && !tracked
}

// WithoutIgnored is a project without what the .dockerignore of a service's folder names.
func WithoutIgnored(ctx context.Context, project *dagger.Directory, dir string) (*dagger.Directory, error) {
	exclude, err := detect.DockerIgnore(FS(ctx, project), dir)
	if err != nil || len(exclude) == 0 {
		return project, err
	}
	return project.Filter(dagger.DirectoryFilterOpts{Exclude: exclude}), nil
}

// Changed are the differences between two folders.
func Changed(ctx context.Context, now, before *dagger.Directory) ([]string, error) {
	changes := now.Changes(before)
	var some [3][]string
	group, ctx := errgroup.WithContext(ctx)
	for i, paths := range []func(context.Context) ([]string, error){changes.RemovedPaths, changes.AddedPaths, changes.ModifiedPaths} {
		group.Go(func() (err error) {
			some[i], err = paths(ctx)
			return err
		})
	}
	err := group.Wait()
	return append([]string{}, slices.Concat(some[:]...)...), err
}
