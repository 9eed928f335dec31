// Package look is the caller's folder as the engine sees it again and again: all of it, and what was edited last alone.
package look

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"

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

// now is what of the folder a filter matches now. The engine reads a folder of the host once for the same arguments, so they differ each
// time. The session keeps them to its end: the fewer patterns, the less.
func (f *Folder) now(filter dagger.DirectoryFilterOpts) *dagger.Directory {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	return f.Workspace.Directory(f.Path, dagger.WorkspaceDirectoryOpts{
		Include: filter.Include, Exclude: append([]string{".stack-look-" + strconv.Itoa(f.looks)}, filter.Exclude...),
	})
}

// whole is all of the folder.
type whole struct {
	*Folder
	seen *dagger.Directory
}

func (v *whole) Look(ctx context.Context) (string, error) {
	v.seen = v.now(dagger.DirectoryFilterOpts{Exclude: slices.Concat(detect.Ignore, []string{"**/.git"})})
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

// ignored tells whether all of the folder is without a file.
var ignored = sync.OnceValue(func() func(string) bool {
	matcher, err := patternmatcher.New(detect.Ignore)
	return func(name string) bool {
		if err != nil {
			return false
		}
		match, err := matcher.MatchesOrParentMatches(name)
		return err == nil && match
	}
})

// recent is what was edited last.
type recent struct {
	*Folder
	all           *dagger.Directory // of which the filter is made
	seen, brought *dagger.Directory
}

func (v *recent) Look(ctx context.Context) (string, error) {
	v.mu.Lock()
	include, exclude := v.edited.Patterns()
	all := v.Folder.brought
	v.mu.Unlock()
	if include == nil || all == nil {
		v.brought = nil
		return "", nil
	}
	filter := dagger.DirectoryFilterOpts{Include: include, Exclude: exclude}
	if v.brought == nil || v.all != all {
		v.all, v.brought = all, all.Filter(filter)
	}
	v.seen = v.now(filter)
	return v.seen.Digest(ctx)
}

func (v *recent) Bring(ctx context.Context) error {
	if v.brought == nil {
		return nil
	}
	edits, err := folder.Changed(ctx, v.seen, v.brought)
	edits = slices.DeleteFunc(edits, func(name string) bool {
		// What is in a folder was not all seen. What is ignored was not left out.
		return strings.HasSuffix(name, "/") || ignored()(name)
	})
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
