package main

import (
	"context"
	"path"

	"dagger/stack/internal/build"
	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/watch"
)

// Puts your edits into a running stack, from another terminal; nothing is built
//
// Compares the project with the source of every running service, writes what was edited or added, deletes what was
// deleted, and restarts the services that do not see it by themselves: development servers reload, the others are
// restarted in place and waited for. Answers with the files and the restarts, a line each.
//
// The bind mounts of a compose file get what has changed on the host in the same way as the next up would bring it:
// what a service has changed itself stays as the service has it, and the answer names it.
//
// Refuses when a file has changed that a build depends on (requirements.txt, package.json, a lockfile, source that is
// compiled), before anything is written: that takes a new up. A service with a Dockerfile is always built.
//
// +cache="never"
func (m *Stack) Sync(
	ctx context.Context,
	// The project's directory; the folder you are in, unless given.
	//
	// +optional
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
	// The folder that the caller is in: the project, unless --project-path names another.
	//
	// +optional
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
) (string, error) {
	project, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return "", err
	}
	return traced(ctx, m, "sync", service, func(ctx context.Context) (string, error) {
		editable, err := m.editable(ctx, control.SourcesRequest{Service: service})
		if err != nil {
			return "", err
		}
		return m.sync(ctx, command.Sync, editable, edited{project: project}, control.SyncRequest{Restart: restart, Timeout: timeout})
	})
}

// edited is what is brought: a project, or what was edited of it, and what was built of it.
type edited struct {
	project folder.Folder
	part    bool // the project has what was edited alone
	edits   watch.Edits
	built   map[string]build.Made
}

// editable is what of the running services is the project's.
func (m *Stack) editable(ctx context.Context, request control.SourcesRequest) (map[string]control.Editable, error) {
	return control.Answer[map[string]control.Editable](m.ask(ctx, command.Sources, request))
}

// sync puts the project's own beside what each service has of it: all of it, or what was edited.
func (m *Stack) sync(ctx context.Context, verb string, editable map[string]control.Editable, e edited, request control.SyncRequest) (string, error) {
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	request.Folders, request.At, request.Binds = map[string]string{}, map[string][]string{}, map[string][]string{}
	request.BindsAt, request.Built, request.Triggers = map[string][]string{}, map[string]control.Built{}, map[string][][]string{}
	for name, made := range e.built {
		request.Built[name] = control.Built{Root: path.Join(layout.Built, name), Products: made.Products, Image: made.Image}
		helper = helper.WithMountedDirectory(request.Built[name].Root, made.Container.Rootfs())
	}
	for name, has := range editable {
		for _, source := range has.Binds {
			if e.part {
				request.BindsAt[source] = e.edits.Below(source)
			}
			if !e.part || len(request.BindsAt[source]) > 0 {
				request.Binds[name] = append(request.Binds[name], source)
			}
		}
		if at := e.edits.Triggered(has.Triggers); at != nil {
			request.Triggers[name] = at
		}
		if has.Source == nil {
			continue
		}
		at := e.edits.Below(has.Source.Dir)
		if len(at) == 0 {
			continue
		}
		source, err := folder.WithoutIgnored(ctx, e.project.Tracked, has.Source.Service)
		if err != nil {
			return "", err
		}
		source = source.Directory(has.Source.Dir)
		request.At[name], request.Folders[name] = at, path.Join(layout.Source, name)
		helper = helper.WithDirectory(request.Folders[name], source, dagger.ContainerWithDirectoryOpts{Owner: "0:0", Include: watch.Patterns(at)})
	}
	request.Edited = e.edits
	if len(request.Binds)+len(request.Triggers)+len(request.Edited) > 0 {
		request.Project, request.Volume = layout.Project, path.Join(layout.Volumes, spec.BindVolume)
		helper = helper.WithMountedDirectory(request.Project, e.project.All).WithMountedCache(request.Volume, m.dataVolume(spec.BindVolume))
	}
	return m.askIn(ctx, helper, verb, request)
}
