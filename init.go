package main

import (
	"context"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// checkInit refuses a folder of --postgres-init that nobody would read.
func (m *Stack) checkInit(ctx context.Context, p project.Project) error {
	if m.PostgresInit == nil {
		return nil
	}
	names, err := m.PostgresInit.Entries(ctx)
	if err != nil {
		return err
	}
	return p.CheckInit(names)
}

// withInit has the folder of --postgres-init where postgres' image looks for it. It belongs to postgres' user, whatever its rights
// on the host are.
func (m *Stack) withInit(service spec.Service, container *dagger.Container) *dagger.Container {
	if m.PostgresInit == nil || !recipe.RunsInit(service) {
		return container
	}
	return container.WithDirectory(recipe.InitFolder, m.PostgresInit, dagger.ContainerWithDirectoryOpts{Owner: "postgres"})
}
