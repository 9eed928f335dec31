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

	mu     sync.Mutex
	looks  int
	base   *dagger.Directory // all of the folder as it was brought; nil: some of it was not
	since  []some            // what was brought after it, by looks at some of it
	edited watch.Recent
}

// some are files of the folder as they were brought.
type some struct {
	seen  *dagger.Directory
	files []string
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

// brought is what of the folder a filter matches, as it was brought. The engine copies each file that it gives, so what is asked for is
// taken out of the base first: to copy all of a large folder takes seconds.
func (f *Folder) brought(filter dagger.DirectoryFilterOpts) *dagger.Directory {
	dir := f.base.Filter(filter)
	for _, s := range f.since {
		files := watch.Patterns(s.files)
		dir = dir.Filter(dagger.DirectoryFilterOpts{Exclude: files}).
			WithDirectory("/", s.seen, dagger.DirectoryWithDirectoryOpts{Include: files})
	}
	return dir.Filter(filter)
}

// changed is what all of the folder has that was not brought.
func (f *Folder) changed(ctx context.Context, seen *dagger.Directory) (watch.Edits, error) {
	edits, err := folder.Changed(ctx, seen, f.base)
	if err != nil || len(f.since) == 0 || watch.Edits(edits).All() {
		return edits, err
	}
	for _, s := range f.since {
		edits = append(edits, s.files...)
	}
	filter := dagger.DirectoryFilterOpts{Include: watch.Patterns(edits)}
	differ, err := folder.Changed(ctx, seen.Filter(filter), f.brought(filter))
	// A folder that one of both has for a file alone is none that was added or removed.
	return slices.DeleteFunc(differ, func(name string) bool { return !slices.Contains(edits, name) }), err
}

// leftOut is what all of the folder is without.
var leftOut = watch.Quick(append(slices.Clone(detect.Ignore), "**/.git"))

// whole is all of the folder.
type whole struct {
	*Folder
	seen *dagger.Directory
}

func (v *whole) Look(ctx context.Context) (string, error) {
	v.seen = v.now(dagger.DirectoryFilterOpts{Exclude: leftOut})
	return v.seen.Digest(ctx)
}

func (v *whole) Bring(ctx context.Context) error {
	var edits watch.Edits
	var err error
	if v.base != nil {
		if edits, err = v.changed(ctx, v.seen); err != nil {
			return err
		}
		if len(edits) == 0 { // it was brought when it was looked at alone
			v.mu.Lock()
			defer v.mu.Unlock()
			v.base, v.since = v.seen, nil
			return nil
		}
	}
	behind, err := v.Folder.Bring(ctx, v.seen, v.seen, edits)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.edited.Add(edits)
	if v.base, v.since = v.seen, nil; behind {
		v.base = nil
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
	filter dagger.DirectoryFilterOpts
	seen   *dagger.Directory // nil: nothing was edited, or all has to be compared
}

func (v *recent) Look(ctx context.Context) (string, error) {
	v.mu.Lock()
	v.filter.Include, v.filter.Exclude = v.edited.Patterns()
	base := v.base
	v.mu.Unlock()
	v.seen = nil
	if v.filter.Include == nil || base == nil {
		return "", nil
	}
	v.seen = v.now(v.filter)
	return v.seen.Digest(ctx)
}

func (v *recent) Bring(ctx context.Context) error {
	if v.seen == nil {
		return nil
	}
	edits, err := folder.Changed(ctx, v.seen, v.brought(v.filter))
	edits = slices.DeleteFunc(edits, func(name string) bool {
		// What is in a folder was not all seen. What is ignored was not left out.
		return strings.HasSuffix(name, "/") || ignored()(name)
	})
	if err != nil || len(edits) == 0 || watch.Edits(edits).All() {
		return err // what takes all of the folder is seen there
	}
	behind, err := v.Folder.Bring(ctx, v.seen, nil, edits)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.edited.Add(edits)
	if v.since = append(v.since, some{v.seen, edits}); behind {
		v.base, v.since = nil, nil
	}
	return err
}
