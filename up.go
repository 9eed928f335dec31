package main

import (
	"context"
	"fmt"
	"sync"

	telemetry "github.com/dagger/otel-go"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/project"
	"dagger/stack/internal/render"
)

// Starts the stack, waits until every service is healthy, and returns one service that publishes all ports
//
// Finds the backend and the frontend in the project, builds them in parallel with the pull of the databases' images,
// starts everything in order of need, and prints a line as each service becomes healthy. Followed by a second `up`
// the ports are published on the host until the call is interrupted:
//
//	dagger call up --project-path . up
//
// One port more, --api-port, has an HTTP API and a dashboard: the call prints where, and the token that a restart
// through them needs.
//
// Without a second `up` the call starts the stack, ends it when all services are healthy, and so shows that it works. Fails when the project cannot be understood, a build
// fails, or a service is not healthy in time; the error names the service and holds its last lines. A stack of the
// same name that already runs is an error too.
//
// +up
// +cache="never"
func (m *Stack) Up(
	ctx context.Context,
	// The project's directory; the folder you are in, unless given. What builds and tools leave behind (node_modules,
	// .venv, __pycache__, …) is not uploaded, and what .gitignore and .dockerignore name stays out of the containers, but
	// for what git tracks all the same.
	//
	// +optional
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
	// The folder that the caller is in: the project, unless --project-path names another.
	//
	// +optional
	workspace *dagger.Workspace,
	// The services to start, with all that these need, e.g. postgres,redis; all of the stack, unless given.
	//
	// +optional
	service []string,
) (*dagger.Service, error) {
	files, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return nil, err
	}
	begin := sync.OnceValue(func() error { return m.begin(ctx, files) })
	go func() { _ = begin() }() // beside all that the project is read for
	plan, err := m.plan(ctx, files, func(p project.Project) (project.Project, error) { return p.Only(service...) })
	if err != nil {
		return nil, err
	}
	gateway, err := m.gateway(plan)
	if err != nil {
		return nil, err
	}
	up, err := m.start(ctx, plan, begin, gateway)
	if err != nil {
		return nil, err
	}
	// Not on stdout, which the engine's disk would keep: the token is in it.
	_, err = fmt.Fprint(telemetry.SpanStdio(ctx, "").Stdout, render.Up(m.name(), up.failed())+render.Addresses(m.name(), m.APIPort, up.token))
	return gateway, err
}

// begin refuses a stack that runs already, before anything is started.
func (m *Stack) begin(ctx context.Context, files folder.Folder) error {
	request := control.BeginRequest{Ephemeral: m.Ephemeral, Timeout: control.EndTimeout}
	helper, err := m.helper()
	if err != nil {
		return err
	}
	if m.Name == "" {
		request.From, request.Of, helper = folder.Here().Folder, files.Identity(ctx), helper.WithMountedCache(layout.Default, stateOf(project.DefaultName))
	}
	note, err := m.askIn(ctx, helper, command.Begin, request)
	fmt.Print(note)
	return err
}
