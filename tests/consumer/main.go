// Uses the stack as other modules do, in a pipeline of its own
//
// Boots the stack of the example, migrates its database, tests its backend from another container, reads its status
// and its logs, and restarts a service in the middle. Run by tests/e2e/consumer_test.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dagger/consumer/internal/dagger"
)

// A pipeline that needs a stack
type Consumer struct {
	// +private
	Name string
	// +private
	Project *dagger.Directory
	// +private
	Migrations *dagger.Directory
}

func New(
	// Name of the stack.
	//
	// +optional
	// +default="consumer"
	name string,
	// The project to test.
	//
	// +optional
	// +defaultPath="/examples/hello"
	// +ignore=["**/.git/[^iHrpc]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	project *dagger.Directory,
	// SQL files, run in order of their names.
	//
	// +optional
	// +defaultPath="migrations"
	migrations *dagger.Directory,
) *Consumer {
	return &Consumer{Name: name, Project: project, Migrations: migrations}
}

// stack is the project's, without its frontend.
func (m *Consumer) stack() *dagger.Stack {
	return dag.Stack(dagger.StackOpts{Name: m.Name, DbPassword: password(), Ephemeral: true}).WithoutService("frontend")
}

func password() *dagger.Secret { return dag.SetSecret("consumer-db-password", "a pass/word") }

// Every test; fails when one does
//
// +cache="never"
func (m *Consumer) All(ctx context.Context) (string, error) {
	var done []string
	for _, test := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"boot", m.Boot}, {"migrate", m.Migrate}, {"integration", m.Integration}, {"logs", m.Logs}, {"restart", m.Restart},
	} {
		if err := test.run(ctx); err != nil {
			return "", fmt.Errorf("%s: %v", test.name, err)
		}
		done = append(done, test.name)
	}
	return strings.Join(done, ", ") + ": ok\n", nil
}

// The whole stack, started by up, is healthy
//
// +cache="never"
func (m *Consumer) Boot(ctx context.Context) error {
	if _, err := m.stack().Up(dagger.StackUpOpts{ProjectPath: m.Project}).Start(ctx); err != nil {
		return err
	}
	return m.healthy(ctx, "postgres", "redis", "backend")
}

// The migrations run in the database that the backend uses
//
// +cache="never"
func (m *Consumer) Migrate(ctx context.Context) error {
	files, err := m.Migrations.Entries(ctx)
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := m.psql(ctx, "--file=/migrations/"+file); err != nil {
			return err
		}
	}
	_, err = m.psql(ctx, "--command=INSERT INTO orders (item) VALUES ('tea')")
	return err
}

// What the backend writes is in the database
//
// +cache="never"
func (m *Consumer) Integration(ctx context.Context) error {
	const visit = `python -c '
import json, urllib.request
request = urllib.request.Request("http://backend:8000/api/visits", method="POST", headers={"User-Agent": "consumer"})
print(json.load(urllib.request.urlopen(request))["postgres"])
'`
	counted, err := m.stack().Run("backend", visit, dagger.StackRunOpts{ProjectPath: m.Project}).Stdout(ctx)
	if err != nil {
		return err
	}
	rows, err := m.psql(ctx, "--command=SELECT count(*) FROM visits WHERE visitor = 'consumer'")
	if err != nil {
		return err
	}
	if strings.TrimSpace(counted) != strings.TrimSpace(rows) || strings.TrimSpace(rows) == "0" {
		return fmt.Errorf("the backend counts %q visits, its database holds %q", counted, rows)
	}
	return m.healthy(ctx, "postgres", "redis", "backend")
}

// The log of the backend has the request of the test
//
// +cache="never"
func (m *Consumer) Logs(ctx context.Context) error {
	text, err := m.stack().Logs(ctx, dagger.StackLogsOpts{Service: "backend", Grep: "POST /api/visits"})
	if err != nil {
		return err
	}
	if !strings.Contains(text, "POST /api/visits") {
		return fmt.Errorf("not in the log: %q", text)
	}
	return nil
}

// The database may be restarted in the middle: its data is there, and the backend works again
//
// +cache="never"
func (m *Consumer) Restart(ctx context.Context) error {
	before, err := m.pid(ctx, "postgres")
	if err != nil {
		return err
	}
	if _, err := m.stack().Restart(ctx, "postgres", dagger.StackRestartOpts{WithDependents: true}); err != nil {
		return err
	}
	after, err := m.pid(ctx, "postgres")
	if err != nil {
		return err
	}
	if before == after {
		return fmt.Errorf("postgres is still process %d", after)
	}
	item, err := m.psql(ctx, "--command=SELECT item FROM orders")
	if err != nil {
		return err
	}
	if strings.TrimSpace(item) != "tea" {
		return fmt.Errorf("the orders are %q", item)
	}
	return m.Integration(ctx)
}

// psql runs a statement in a container of its own, bound to the stack's database.
func (m *Consumer) psql(ctx context.Context, args ...string) (string, error) {
	return fresh(dag.Container().From("postgres:15-alpine")).
		WithServiceBinding("db", m.stack().Postgres()).
		WithSecretVariable("PGPASSWORD", password()).
		WithMountedDirectory("/migrations", m.Migrations).
		WithExec(append([]string{"psql", "--host=db", "--username=postgres", "--dbname=app", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"}, args...)).
		Stdout(ctx)
}

// fresh makes a container do again what it has done before: the engine keeps the result of a command by what it is
// made of, and the state of a database is no part of that.
func fresh(container *dagger.Container) *dagger.Container {
	return container.WithEnvVariable("RUN_AT", time.Now().Format(time.RFC3339Nano))
}

// healthy fails when the stack does not consist of these services, all healthy.
func (m *Consumer) healthy(ctx context.Context, want ...string) error {
	all, err := m.stack().Status(ctx)
	if err != nil {
		return err
	}
	var names []string
	var failed error
	for _, status := range all {
		name, err := status.Service(ctx)
		if err != nil {
			return err
		}
		health, err := status.Health(ctx)
		if err != nil {
			return err
		}
		if health != "healthy" {
			failed = errors.Join(failed, fmt.Errorf("%s is %s", name, health))
		}
		names = append(names, name)
	}
	if failed != nil {
		return failed
	}
	if fmt.Sprint(names) != fmt.Sprint(want) {
		return fmt.Errorf("the stack consists of %v, want %v", names, want)
	}
	return nil
}

func (m *Consumer) pid(ctx context.Context, service string) (int, error) {
	all, err := m.stack().Status(ctx)
	if err != nil {
		return 0, err
	}
	for _, status := range all {
		if name, err := status.Service(ctx); err != nil {
			return 0, err
		} else if name == service {
			return status.Pid(ctx)
		}
	}
	return 0, fmt.Errorf("no service %s", service)
}
