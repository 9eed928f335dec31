package main

import (
	"context"

	"dagger/stack/internal/build"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/kubernetes"
	"dagger/stack/internal/spec"
)

// Builds the images that are made of the project, and publishes them
//
//	dagger call publish --project-path . --registry registry.example.com/shop --tag 1.2
//
// Each is REGISTRY/SERVICE:TAG, with the service's command, user and folder. Answers with a line for each: the service, and the reference
// with its digest. Services that are detected are built for production, as up with --production runs them; where one has no such form,
// the line before it says so.
//
// +cache="never"
func (m *Stack) Publish(
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
	// Where to publish, e.g. registry.example.com/shop.
	registry string,
	// The tag of the images.
	//
	// +optional
	// +default="latest"
	tag string,
	// Who publishes. Nobody in particular, unless given.
	//
	// +optional
	registryUsername string,
	// The password or token for it.
	//
	// +optional
	registryPassword *dagger.Secret,
	// Publish development servers, as up runs them without --production.
	//
	// +optional
	development bool,
	// text, or json: an object with the reference of each service.
	//
	// +optional
	// +default="text"
	format string,
) (string, error) {
	m.Production = !development
	files, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return "", err
	}
	plan, err := m.plan(ctx, files, nil)
	if err != nil {
		return "", err
	}
	to := build.Registry{Name: registry, Tag: tag, Username: registryUsername, Password: registryPassword, Format: format}
	published, err := m.publishImages(ctx, plan, kubernetes.Options{}.ToBuild(plan.Project), to)
	return to.List(published), err
}

// publishImages publishes the images of services, by the services' names in the project.
func (m *Stack) publishImages(ctx context.Context, plan plan, names []string, to build.Registry) (map[string]string, error) {
	to.Origin = plan.files.Origin(ctx)
	ready := func(ctx context.Context, s spec.Service) (*dagger.Container, error) {
		return plan.containers[s.Name], m.ready(ctx, plan, s)
	}
	return to.Publish(ctx, plan.Services, names, ready)
}
