package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
)

// smokeWait is more than enough for what has just been healthy.
const smokeWait = "30s"

// Proves that the project's stack boots: starts it under a random name, checks its health, stops it gracefully
//
// Keeps no data and leaves nothing behind, so any number can run at once. Fails as up does.
//
// +check
// +cache="never"
func (m *Stack) Smoke(
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
) (err error) {
	project, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return err
	}
	s := m.apart("smoke")
	plan, err := s.plan(ctx, project, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.forget(ctx)) }()
	up, err := s.start(ctx, plan, func() error { return s.begin(ctx, plan.files) }, nil)
	if err != nil {
		return err
	}
	defer s.abandon(ctx, slices.Collect(maps.Values(up.services)))
	report, err := s.health(ctx, control.HealthRequest{Wait: smokeWait})
	if err != nil {
		return err
	}
	fmt.Print(report)
	stopped, err := s.Stop(ctx)
	fmt.Print(stopped)
	return err
}

// apart is the same stack under a name and with a state that no other has. It keeps no data.
func (m *Stack) apart(kind string) *Stack {
	s := *m
	s.Folder = strings.ToLower(rand.Text())
	s.Name = kind + "-" + s.Folder[:8]
	s.Ephemeral = true
	s.Settings = append(slices.Clone(m.Settings), &Setting{Ephemeral: true})
	return &s
}

// forget removes what a stack apart has kept.
func (m *Stack) forget(ctx context.Context) error {
	_, err := m.ask(context.WithoutCancel(ctx), command.Forget, nil)
	return err
}
