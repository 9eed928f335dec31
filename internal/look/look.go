// Package look is the caller's folder as the engine sees it again and again: all of it, and what was edited last alone.
package look

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/watch"
)

// Folder is the caller's, and where its edits go.
type Folder struct {
	Workspace *dagger.Workspace
	Path      string
	// Bring brings edits that were seen. all is the folder, nil if not all of it was seen. behind: some was not brought, so all has
	// to be compared the next time.
	Bring func(ctx context.Context, seen, all *dagger.Directory, edits watch.Edits) (behind bool, err error)

	mu      sync.Mutex
	looks   int
	brought *dagger.Directory // all of the folder as it was brought; nil: some of it was not
	edited  watch.Recent
}

// Watch brings each edit, until the context ends or there is an error.
func (f *Folder) Watch(ctx context.Context) error {
	return watch.Run(ctx, &whole{Folder: f}, &recent{Folder: f})
}

// now is what the folder holds now, all of it unless patterns say what. The engine reads a folder of the host once for the same
// arguments, so they differ each time.
func (f *Folder) now(patterns []string) *dagger.Directory {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	return f.Workspace.Directory(f.Path, dagger.WorkspaceDirectoryOpts{
		Include: patterns, Exclude: slices.Concat([]string{".stack-look-" + strconv.Itoa(f.looks)}, detect.Ignore, []string{"**/.git"}),
	})
}

// whole is all of the folder.
type whole struct {
	*Folder
	seen *dagger.Directory
}

func (v *whole) Look(ctx context.Context) (string, error) {
	v.seen = v.now(nil)
	return v.seen.Digest(ctx)
}

func (v *whole) Bring(ctx context.Context) error {
	var edits watch.Edits
	var err error
	if v.brought != nil {
		if edits, err = folder.Changed(ctx, v.seen, v.brought); err != nil {
			return err
		}
		if len(edits) == 0 { // it was brought when it was looked at alone
			v.mu.Lock()
			defer v.mu.Unlock()
			v.brought = v.seen
			return nil
		}
	}
	behind, err := v.Folder.Bring(ctx, v.seen, v.seen, edits)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.edited.Add(edits)
	if v.brought = v.seen; behind {
		v.brought = nil
	}
	return err
}

// recent is what was edited last.
type recent struct {
	*Folder
	patterns      []string
	seen, brought *dagger.Directory
}

func (v *recent) Look(ctx context.Context) (string, error) {
	v.mu.Lock()
	patterns, all := v.edited.Patterns(), v.Folder.brought
	v.mu.Unlock()
	if patterns == nil || all == nil {
		v.brought = nil
		return "", nil
	}
	if v.brought == nil || !slices.Equal(patterns, v.patterns) {
		v.patterns, v.brought = patterns, all.Filter(dagger.DirectoryFilterOpts{Include: patterns})
	}
	v.seen = v.now(patterns)
	return v.seen.Digest(ctx)
}

func (v *recent) Bring(ctx context.Context) error {
	if v.brought == nil {
		return nil
	}
	edits, err := folder.Changed(ctx, v.seen, v.brought)
	if err != nil || len(edits) == 0 || watch.Edits(edits).All() {
		return err // what takes all of the folder is seen there
	}
	v.brought = v.seen
	behind, err := v.Folder.Bring(ctx, v.seen, nil, edits)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.edited.Add(edits)
	if all := v.Folder.brought; all != nil {
		files := watch.Patterns(edits)
		v.Folder.brought = all.Filter(dagger.DirectoryFilterOpts{Exclude: files}).
			WithDirectory("/", v.seen, dagger.DirectoryWithDirectoryOpts{Include: files})
	}
	if behind {
		v.Folder.brought = nil
	}
	return err
}
