// Uses the stack as other modules do, in a pipeline of its own
//
// Boots the stack of the example, migrates its database, tests its backend in a container like it, gives tests that run at the same time a
// database each, reads the logs, and restarts a service in the middle. Run by tests/e2e/consumer_test.go.
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

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
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
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
	return dag.Stack(dagger.StackOpts{Name: m.Name, Ephemeral: true}).WithoutService("frontend")
}

// Every test; fails when one does
//
// +cache="never"
func (m *Consumer) All(ctx context.Context) (string, error) {
	var done []string
	for _, test := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"boot", m.Boot}, {"migrate", m.Migrate}, {"integration", m.Integration}, {"clones", m.Clones}, {"logs", m.Logs}, {"restart", m.Restart},
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
	_, err := m.stack().Health(ctx)
	return err
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
		if _, err := m.stack().Exec(ctx, "postgres", psql, dagger.StackExecOpts{Stdin: m.Migrations.File(file)}); err != nil {
			return err
		}
	}
	_, err = m.query(ctx, "INSERT INTO orders (item) VALUES ('tea')")
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
	rows, err := m.query(ctx, "SELECT count(*) FROM visits WHERE visitor = 'consumer'")
	if err != nil {
		return err
	}
	if strings.TrimSpace(counted) != rows || rows == "0" {
		return fmt.Errorf("the backend counts %q visits, its database holds %q", counted, rows)
	}
	return nil
}

// Tests that run at the same time have a database each, and change nothing in that of the backend
//
// +cache="never"
func (m *Consumer) Clones(ctx context.Context) error {
	if _, err := m.stack().Snapshot(ctx, "clean"); err != nil {
		return err
	}
	urls, err := m.stack().CloneUrls(ctx, "clean", dagger.StackCloneUrlsOpts{Count: 4})
	if err != nil {
		return err
	}
	tests, testsCtx := errgroup.WithContext(ctx)
	for _, url := range urls {
		tests.Go(func() error {
			_, err := dag.Container().From("postgres:15-alpine").
				WithServiceBinding("postgres", m.stack().Postgres()).
				WithSecretVariable("DATABASE_URL", &url).
				// The engine keeps the result of a command by what it is made of, and the state of a database is no part of that.
				WithEnvVariable("RUN_AT", time.Now().Format(time.RFC3339Nano)).
				WithExec([]string{"sh", "-c", `test "$(psql "$DATABASE_URL" -Atc "UPDATE orders SET item = 'coffee' RETURNING id")" != ""`}).
				Sync(testsCtx)
			return err
		})
	}
	if err := tests.Wait(); err != nil {
		return err
	}
	return m.ordered(ctx)
}

// The log of the backend has the request of the test
//
// +cache="never"
func (m *Consumer) Logs(ctx context.Context) error {
	text, err := m.stack().Logs(ctx, dagger.StackLogsOpts{Service: "backend", Grep: "POST /api/visits"})
	if err == nil && !strings.Contains(text, "POST /api/visits") {
		err = fmt.Errorf("not in the log: %q", text)
	}
	return err
}

// The database may be restarted in the middle: its data is there, and the backend works again
//
// +cache="never"
func (m *Consumer) Restart(ctx context.Context) error {
	said, err := m.stack().Restart(ctx, "postgres", dagger.StackRestartOpts{WithDependents: true})
	if err != nil {
		return err
	}
	if !strings.Contains(said, " -> ") {
		return fmt.Errorf("no new process: %s", said)
	}
	if err := m.ordered(ctx); err != nil {
		return err
	}
	return m.Integration(ctx)
}

// psql reads statements, or has them as the last argument.
const psql = "psql --username=postgres --dbname=app --no-align --tuples-only --quiet --set=ON_ERROR_STOP=1"

// query runs a statement in the backend's database.
func (m *Consumer) query(ctx context.Context, statement string) (string, error) {
	text, err := m.stack().Exec(ctx, "postgres", psql+` --command="`+statement+`"`)
	return strings.TrimSpace(text), err
}

// ordered fails when the orders are not those of the migrations.
func (m *Consumer) ordered(ctx context.Context) error {
	item, err := m.query(ctx, "SELECT item FROM orders")
	if err == nil && item != "tea" {
		err = fmt.Errorf("the orders are %q", item)
	}
	return err
}
