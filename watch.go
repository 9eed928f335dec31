package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"sync"
	"time"

	"dagger/stack/internal/build"
	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/source/git"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/watch"
)

// Brings each edit into a running stack as it is saved, from another terminal, until interrupted
//
// Looks at the project's folder up to five times a second, less often for a large one or when nobody edits, and does what
// sync does whenever something has changed: files that were saved together come together. Prints a line for each batch:
// what has changed, and which services were restarted and how long until they were healthy. What packages are installed
// from, and source that is compiled, is built, and what was built is put in place: give the flags that up was given. A
// service that does not come back, or cannot be built, is named with the reason; the others go on, and the next edit is
// brought again.
// What was edited before the call is brought first. Nothing is ever written to the host.
//
// Fails when the stack does not run, and ends with it. Ctrl-C ends the call and nothing else.
//
// +cache="never"
func (m *Stack) Watch(
	ctx context.Context,
	// The project's folder, from the one that you are in, e.g. examples/hello or ../shop. It has to lie in the same
	// repository. The folder you are in, unless given.
	//
	// +optional
	// +default="."
	projectPath string,
	// The folder that the caller is in.
	workspace *dagger.Workspace,
	// One service. All that are made from the project's source or have files of the project mounted, unless given.
	//
	// +optional
	service string,
	// Which services to restart: auto (those that do not reload by themselves), always or never.
	//
	// +optional
	// +default="auto"
	restart string,
	// How long each may take to become healthy.
	//
	// +optional
	// +default="60s"
	timeout string,
) error {
	w := &watched{Stack: m, workspace: workspace, path: projectPath, service: service,
		request: protocol.SyncRequest{Restart: restart, Timeout: timeout, Watching: true}}
	err := watch.Run(unseen(ctx), &whole{watched: w}, &recent{watched: w})
	if !w.begun && errors.Is(folder.Missing("watch", projectPath, err), fs.ErrNotExist) {
		return protocol.Errorf(protocol.CodeInvalid, "project-path %q: there is no such folder in the repository that you are in, as seen from your folder", projectPath)
	}
	return err
}

// watched is the caller's folder and the services that it is brought into.
type watched struct {
	*Stack
	workspace     *dagger.Workspace
	path, service string
	request       protocol.SyncRequest

	mu      sync.Mutex
	looks   int
	brought *dagger.Directory // all of the folder as it was brought; nil: some of it was not
	edited  watch.Recent
	begun   bool
}

// folder is what the folder holds now, all of it unless patterns say what. The engine reads a folder of the host once for the same
// arguments, so they differ each time.
func (w *watched) folder(patterns []string) *dagger.Directory {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	return w.workspace.Directory(w.path, dagger.WorkspaceDirectoryOpts{
		Include: patterns, Exclude: slices.Concat([]string{".stack-look-" + strconv.Itoa(w.looks)}, detect.Ignore, []string{"**/.git"}),
	})
}

// bring syncs edits that were seen. all is the folder, nil if not all of it was seen.
func (w *watched) bring(ctx context.Context, seen, all *dagger.Directory, edits watch.Edits) (behind bool, err error) {
	if !edits.All() {
		seen = seen.Filter(dagger.DirectoryFilterOpts{Include: edits.Files()})
	}
	project := folder.Folder{All: seen, Tracked: seen.Filter(dagger.DirectoryFilterOpts{Gitignore: true})}
	if project, err = project.WithTracked(ctx, w.workspace.File(path.Join(w.path, git.Index))); err != nil {
		return false, err
	}
	if all != nil {
		project.All = all
	}
	e := edited{project: project, part: all == nil, service: w.service, edits: edits}
	batch, err := answer[protocol.Batch](w.sync(ctx, command.Bring, e, w.request))
	if protocol.CodeOf(err) == protocol.CodeNotRunning && w.begun {
		return false, errors.New("the stack has ended, and watching with it")
	}
	if err != nil {
		return false, err
	}
	told(batch.Lines...)
	if all != nil && len(batch.Build) > 0 {
		if !edits.All() {
			return w.bring(ctx, all, all, nil) // a build takes more than what was edited
		}
		e.edits, e.built = nil, w.rebuild(ctx, project, batch.Build)
		if batch, err = answer[protocol.Batch](w.sync(ctx, command.Bring, e, w.request)); err != nil {
			return false, err
		}
		told(batch.Lines...)
	}
	if !w.begun {
		fmt.Printf("watching %s for stack %q: Ctrl-C ends it\n", w.path, w.Name)
		w.begun = true
	}
	return batch.Behind, nil
}

// rebuild builds services anew from what the project is now. What cannot be built is told, and left out.
func (w *watched) rebuild(ctx context.Context, project folder.Folder, services map[string]spec.Source) map[string]build.Made {
	built := map[string]build.Made{}
	described, err := w.described(ctx, project)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		if err != nil {
			told(fmt.Sprintf("%s: what it is made of cannot be found out, nothing of its edits was brought: %v", name, err))
			continue
		}
		told(name + ": builds")
		made, err := w.builder(described, project).Again(ctx, name, services[name])
		if err == nil {
			made.Container, err = w.Stack.built(ctx, name, made.Container)
		}
		if err != nil {
			told(fmt.Sprintf("%v\n%s goes on as it was", err, name))
			continue
		}
		built[name] = made
	}
	return built
}

// told prints lines about what happens now.
func told(lines ...string) {
	for _, line := range lines {
		fmt.Println(time.Now().Format(time.TimeOnly), line)
	}
}

// whole is all of the folder.
type whole struct {
	*watched
	seen *dagger.Directory
}

func (v *whole) Look(ctx context.Context) (string, error) {
	v.seen = v.folder(nil)
	return v.seen.Digest(ctx)
}

func (v *whole) Bring(ctx context.Context) error {
	var edits watch.Edits
	var err error
	if v.brought != nil {
		if edits, err = folder.Changed(ctx, v.seen, v.brought); err != nil {
			return err
		}
	}
	behind, err := v.bring(ctx, v.seen, v.seen, edits)
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
	*watched
	patterns      []string
	seen, brought *dagger.Directory
}

func (v *recent) Look(ctx context.Context) (string, error) {
	v.mu.Lock()
	patterns, all := v.edited.Patterns(), v.watched.brought
	v.mu.Unlock()
	if patterns == nil || all == nil {
		v.brought = nil
		return "", nil
	}
	if v.brought == nil || !slices.Equal(patterns, v.patterns) {
		v.patterns, v.brought = patterns, all.Filter(dagger.DirectoryFilterOpts{Include: patterns})
	}
	v.seen = v.folder(patterns)
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
	behind, err := v.bring(ctx, v.seen, nil, edits)
	if behind {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.watched.brought = nil
	}
	return err
}
