// Examples of the stack in Go modules
//
// Each function shows one thing. Its name says which function of the stack it is about: StackPostgres is about postgres.
package main

import (
	"context"
	"fmt"

	"dagger/examples/internal/dagger"
)

type Examples struct{}

// Tests a project's backend from another container, with the stack that it needs
func (m *Examples) Stack_IntegrationTest(ctx context.Context, project *dagger.Directory) (string, error) {
	stack := dag.Stack(dagger.StackOpts{Name: "integration", Ephemeral: true})
	return dag.Container().
		From("python:3.11-slim").
		WithServiceBinding("backend", stack.Backend(project)).
		WithMountedDirectory("/tests", project.Directory("tests")).
		WithExec([]string{"python", "-m", "unittest", "discover", "/tests"}).
		Stdout(ctx)
}

// Starts all of a stack, and works with it while it runs
func (m *Examples) StackUp(ctx context.Context, project *dagger.Directory) (string, error) {
	stack := dag.Stack(dagger.StackOpts{Name: "whole", Ephemeral: true})
	if _, err := stack.Up(dagger.StackUpOpts{ProjectPath: project}).Start(ctx); err != nil {
		return "", err
	}
	if _, err := stack.Restart(ctx, "redis"); err != nil {
		return "", err
	}
	return stack.Health(ctx)
}

// A database alone, with a password of yours
func (m *Examples) StackPostgres(ctx context.Context) (string, error) {
	password := dag.SetSecret("examples-db-password", "not for production")
	stack := dag.Stack(dagger.StackOpts{Name: "database", Ephemeral: true, DbPassword: password})
	return dag.Container().
		From("postgres:15-alpine").
		WithServiceBinding("postgres", stack.Postgres()).
		WithSecretVariable("PGPASSWORD", password).
		WithExec([]string{"psql", "--host=postgres", "--username=postgres", "--dbname=app", "--tuples-only", "--command=SELECT 'it works'"}).
		Stdout(ctx)
}

// A worker beside the backend, from the same code
func (m *Examples) StackWithService_Worker(project *dagger.Directory) *dagger.Service {
	return dag.Stack().
		WithService("worker", dagger.StackWithServiceOpts{Like: "backend", Command: "python -m app.worker"}).
		Up(dagger.StackUpOpts{ProjectPath: project})
}

// A service from an image, which the backend waits for
func (m *Examples) StackWithService_Mail(project *dagger.Directory) *dagger.Service {
	return dag.Stack().
		WithService("mail", dagger.StackWithServiceOpts{
			Container: dag.Container().From("axllent/mailpit"),
			Port:      []string{"8025:8025", "1025"},
			ProbePath: "/livez",
			NeededBy:  []string{"backend"},
		}).
		WithEnv("backend", "SMTP_HOST", dagger.StackWithEnvOpts{Value: "mail"}).
		Up(dagger.StackUpOpts{ProjectPath: project})
}

// The state of every service, typed
func (m *Examples) StackStatus(ctx context.Context) (unhealthy []string, err error) {
	services, err := dag.Stack().Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, service := range services {
		health, err := service.Health(ctx)
		if err != nil {
			return nil, err
		}
		if health != "healthy" {
			name, err := service.Service(ctx)
			if err != nil {
				return nil, err
			}
			unhealthy = append(unhealthy, fmt.Sprintf("%s is %s", name, health))
		}
	}
	return unhealthy, nil
}
