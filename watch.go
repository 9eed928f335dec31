package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"dagger/stack/internal/build"
	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/look"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/source/git"
	"dagger/stack/internal/watch"
)

// Brings each edit into a running stack as it is saved, from another terminal, until interrupted
//
// Looks at the project's folder up to five times a second, less often for a large one or when nobody edits, and does what
// sync does whenever something has changed: files that were saved together come together. Prints a line for each batch:
// what has changed, and which services were restarted and how long until they were healthy. What packages are installed
// from, and source that is compiled, is built, and what was built is put in place: give the flags that up was given. What
// develop.watch of a compose file says is done as docker compose watch does it.
// A service that does not come back, or cannot be built, is named with the reason; the others go on, and the next edit is
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
	w := &watched{Stack: m, sources: control.SourcesRequest{Service: service, Watching: true}, failed: map[string]string{},
		folder:  look.Folder{Workspace: workspace, Path: projectPath},
		request: control.SyncRequest{Restart: restart, Timeout: timeout, Watching: true}}
	w.folder.Bring = w.bring
	err := w.folder.Watch(unseen(ctx))
	if !w.begun && errors.Is(folder.Missing("watch", projectPath, err), fs.ErrNotExist) {
		return protocol.Errorf(protocol.CodeInvalid, "project-path %q: there is no such folder in the repository that you are in, as seen from your folder", projectPath)
	}
	return err
}

// watched is the caller's folder and the services that it is brought into.
type watched struct {
	*Stack
	folder  look.Folder
	sources control.SourcesRequest
	request control.SyncRequest
	run     string                      // the up of the stack
	has     map[string]control.Editable // nil: not asked for yet
	failed  map[string]string           // by service whose build has failed last, what the build was made of
	begun   bool
}

// bring syncs edits that were seen. all is the folder, nil if not all of it was seen.
func (w *watched) bring(ctx context.Context, seen, all *dagger.Directory, edits watch.Edits) (behind bool, err error) {
	if !edits.All() {
		seen = seen.Filter(dagger.DirectoryFilterOpts{Include: edits.Files()})
	}
	project := folder.Folder{All: seen, Tracked: seen.Filter(dagger.DirectoryFilterOpts{Gitignore: true})}
	if project, err = project.WithTracked(ctx, w.folder.Workspace.File(path.Join(w.folder.Path, git.Index))); err != nil {
		return false, err
	}
	if all != nil {
		project.All = all
	}
	e := edited{project: project, part: all == nil, edits: edits}
	w.request.Failed = w.failed
	batch, err := w.batch(ctx, e)
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
		if batch, err = w.batch(ctx, e); err != nil {
			return false, err
		}
		told(batch.Lines...)
	}
	if !w.begun {
		fmt.Printf("watching %s for stack %q: Ctrl-C ends it\n", w.folder.Path, w.Name)
		w.begun = true
	}
	return batch.Behind, nil
}

// batch brings what was edited to the services that had something of the project when they were asked last. Those of another up are
// asked again, and get all of the project the next time.
func (w *watched) batch(ctx context.Context, e edited) (batch control.Batch, err error) {
	if w.has == nil {
		if w.has, err = w.editable(ctx, w.sources); err != nil {
			return batch, err
		}
	}
	batch, err = control.Answer[control.Batch](w.sync(ctx, command.Bring, w.has, e, w.request))
	if w.run != "" && batch.Run != w.run {
		w.has, batch.Behind = nil, true
	}
	w.run = batch.Run
	return batch, err
}

// rebuild builds services anew from what the project is now. What cannot be built is told, and left out until its files are others.
func (w *watched) rebuild(ctx context.Context, project folder.Folder, services map[string]control.Build) map[string]build.Made {
	built := map[string]build.Made{}
	described, err := w.described(ctx, project)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		w.failed[name] = services[name].Digest
		if err != nil {
			told(fmt.Sprintf("%s: what it is made of cannot be found out, it is not built: %v", name, err))
			continue
		}
		told(name + ": builds")
		made, err := w.builder(described, project).Again(ctx, name, services[name], w.Stack.built)
		if err != nil {
			told(fmt.Sprintf("%v\n%s goes on as it was", err, name))
			continue
		}
		built[name] = made
		delete(w.failed, name)
	}
	return built
}

// told prints lines about what happens now.
func told(lines ...string) {
	for _, line := range lines {
		fmt.Println(time.Now().Format(time.TimeOnly), line)
	}
}
