package main

import (
	"context"
	"fmt"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/project"
	"dagger/stack/internal/render"
)

// Prints the stack as it is understood: every service with its variables, ports, volumes and limits, and every note
//
// Builds and starts nothing. This is the first answer to "why does it not boot": what a compose file, or detection, was taken
// for, what is left out, and what has no effect here. What only an image knows (its command, its user) is not in it. Secrets
// are shown by their names.
//
// +cache="never"
func (m *Stack) Config(
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
	// How it is printed: yaml or json.
	//
	// +optional
	// +default="yaml"
	format string,
	// Fail when a service is left out, and print a line instead of the whole: for CI.
	//
	// +optional
	check bool,
) (string, error) {
	files, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return "", err
	}
	p, err := m.described(ctx, files)
	if err == nil {
		p, err = p.Resolve()
	}
	if err != nil {
		return "", err
	}
	if !check {
		p, texts := p.Conceal()
		return render.Config(p, texts, format)
	}
	if len(p.LeftOut) > 0 {
		return "", leftOutError(p.LeftOut)
	}
	return fmt.Sprintf("%d services, %d notes\n", len(p.Services), len(p.Notes)), nil
}

// leftOutError names the services that the stack lacks.
func leftOutError(leftOut []project.LeftOut) error {
	text := "services that cannot be had here:"
	for _, left := range leftOut {
		text += "\n  " + left.Service + ": " + left.Reason
	}
	return fmt.Errorf("%s", text)
}
