package main

import (
	"context"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/project"
)

// The database: PostgreSQL 15, as postgres:5432
//
// The user and the database are called "postgres" and "app"; the password is --db-password.
//
// +cache="session"
func (m *Stack) Postgres(
	ctx context.Context,
	// The project's directory, for a stack whose compose file describes a service of this name. The built-in one, unless given.
	//
	// +optional
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.only(ctx, projectPath, "postgres")
}

// The cache and queue: Redis 7, as redis:6379
//
// +cache="session"
func (m *Stack) Redis(
	ctx context.Context,
	// The project's directory, for a stack whose compose file describes a service of this name. The built-in one, unless given.
	//
	// +optional
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.only(ctx, projectPath, "redis")
}

// The project's backend on port 8000, with the database and redis that it needs
//
// +cache="session"
func (m *Stack) Backend(
	ctx context.Context,
	// The project's directory.
	//
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.only(ctx, projectPath, "backend")
}

// The project's frontend on port 3000, with the backend that it needs
//
// +cache="session"
func (m *Stack) Frontend(
	ctx context.Context,
	// The project's directory.
	//
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.only(ctx, projectPath, "frontend")
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
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
) (*dagger.Service, error) {
	return m.only(ctx, projectPath, name)
}

// only is one service, bound to what it needs.
func (m *Stack) only(ctx context.Context, projectPath *dagger.Directory, name string) (*dagger.Service, error) {
	var files folder.Folder
	if projectPath != nil {
		var err error
		if files, err = folder.Of(ctx, projectPath, nil); err != nil {
			return nil, err
		}
	}
	plan, err := m.plan(ctx, files, func(p project.Project) (project.Project, error) { return p.Only(name) })
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
	return services[name], nil
}

// here tells whether an up of this session runs the stack. A service is then described exactly as up has described it: Dagger
// gives the running process to who describes the same service, and starts a second process, on the same data, for any other
// description.
func (m *Stack) here(ctx context.Context) (bool, error) {
	return control.Answer[bool](m.askPrivileged(ctx, command.Here, nil))
}
