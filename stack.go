package main

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/api"
	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/services"
	"dagger/stack/internal/spec"
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
// Without it the call proves that the stack boots, and ends. Fails when the project cannot be understood, a build
// fails, or a service is not healthy in time; the error names the service and holds its last lines. A stack of the
// same name that already runs is an error too.
//
// +up
// +cache="never"
func (m *Stack) Up(
	ctx context.Context,
	// The project's directory; the folder you are in, unless given. What builds and tools leave behind (node_modules,
	// .git, dist, .venv, __pycache__, …) is not uploaded, and what .gitignore and .dockerignore name stays out of the
	// containers.
	//
	// +optional
	// +ignore=["**/.git","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/dist","**/.idea","**/.vscode","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
	// The folder that the caller is in: the project, unless --project-path names another.
	//
	// +optional
	workspace *dagger.Workspace,
) (*dagger.Service, error) {
	directory, err := project(projectPath, workspace)
	if err != nil {
		return nil, err
	}
	plan, err := m.plan(ctx, directory)
	if err != nil {
		return nil, err
	}
	var addresses string
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { _, err := m.start(groupCtx, plan); return err })
	group.Go(func() (err error) { addresses, err = m.addresses(groupCtx); return err })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	fmt.Printf("\nstack %q is healthy: keep it running with its ports published by a second `up`: dagger call up --project-path … up\n", m.Name)
	fmt.Print(addresses)
	return m.gateway(plan)
}

// The database: PostgreSQL 15, as postgres:5432
//
// The user and the database are called "postgres" and "app"; the password is --db-password.
//
// +cache="session"
func (m *Stack) Postgres(ctx context.Context) (*dagger.Service, error) {
	return m.single(ctx, services.Postgres)
}

// The cache and queue: Redis 7, as redis:6379
//
// +cache="session"
func (m *Stack) Redis(ctx context.Context) (*dagger.Service, error) {
	return m.single(ctx, services.Redis)
}

// The project's backend on port 8000, with the database and redis that it needs
//
// +cache="session"
func (m *Stack) Backend(
	ctx context.Context,
	// The project's directory.
	//
	// +ignore=["**/.git","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/dist","**/.idea","**/.vscode","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.member(ctx, projectPath, services.BackendName)
}

// The project's frontend on port 3000, with the backend that it needs
//
// +cache="session"
func (m *Stack) Frontend(
	ctx context.Context,
	// The project's directory.
	//
	// +ignore=["**/.git","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/dist","**/.idea","**/.vscode","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.member(ctx, projectPath, services.FrontendName)
}

// One service of the stack by its name, with the services that it needs; for those that with-service has added
//
// +cache="session"
func (m *Stack) Service(
	ctx context.Context,
	// Which: postgres, redis, backend, frontend or one that with-service has added.
	name string,
	// The project's directory. Not needed for a service that needs neither backend nor frontend.
	//
	// +optional
	// +ignore=["**/.git","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/dist","**/.idea","**/.vscode","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	if err := m.checkPart(name); err != nil {
		return nil, err
	}
	return m.member(ctx, projectPath, name)
}

// here tells whether an up of this session runs the stack. Its services are then made as up has made them: what is made
// the same is the same process, and two would be one too many for its data.
func (m *Stack) here(ctx context.Context) (bool, error) {
	return answer[bool](m.askFirst(ctx, command.Here, nil))
}

// single is a service that needs no other.
func (m *Stack) single(ctx context.Context, built func(services.Options) spec.Service) (*dagger.Service, error) {
	options, err := m.options()
	if err != nil {
		return nil, err
	}
	together, err := m.here(ctx)
	if err != nil {
		return nil, err
	}
	member := m.plain(built(options))
	if err := m.checkPart(member.spec.Name); err != nil {
		return nil, err
	}
	return m.service(m.set(member.spec), member.container, together, nil)
}

// member is one service of a project's stack, bound to what it needs.
func (m *Stack) member(ctx context.Context, projectPath *dagger.Directory, name string) (*dagger.Service, error) {
	var directory *dagger.Directory
	if projectPath != nil {
		var err error
		if directory, err = project(projectPath, nil); err != nil {
			return nil, err
		}
	}
	plan, err := m.plan(ctx, directory)
	if err != nil {
		return nil, err
	}
	together, err := m.here(ctx)
	if err != nil {
		return nil, err
	}
	services, err := m.assemble(plan, together)
	if err != nil {
		return nil, err
	}
	if services[name] == nil {
		return nil, fmt.Errorf("the project has no %s: the stack consists of %s", name, strings.Join(plan.names(), ", "))
	}
	return services[name], nil
}

// begin refuses a stack that runs already, before anything is started.
func (m *Stack) begin(ctx context.Context, plan plan) error {
	note, err := m.askFirst(ctx, command.Begin, protocol.BeginRequest{
		Services: plan.names(), Ephemeral: m.Ephemeral, Timeout: protocol.EndTimeout,
	})
	fmt.Print(note)
	return err
}

// gateway is the one service that publishes every port of the others, and the API. It is not bound to them: it would be
// ended with the first of them that ends.
func (m *Stack) gateway(plan plan) (*dagger.Service, error) {
	helper, err := m.helper()
	if err != nil {
		return nil, err
	}
	request := command.GatewayRequest{Gateway: plan.routes()}
	if m.APIPort != 0 {
		request.API = &api.Config{Port: m.APIPort, Hosts: m.APIHosts, Private: m.APIPrivate}
		helper = helper.WithExposedPort(m.APIPort)
	}
	call, err := m.call(request)
	if err != nil {
		return nil, err
	}
	for _, member := range plan.members {
		for _, port := range member.spec.Ports {
			if port.Published != 0 {
				helper = helper.WithExposedPort(port.Published)
			}
		}
	}
	return helper.AsService(dagger.ContainerAsServiceOpts{Args: []string{layout.Agent, command.Gateway, call}, NoInit: true}), nil
}
