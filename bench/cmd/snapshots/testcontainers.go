package main

import (
	"context"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib" // with a driver it needs no process in the container for each statement, which is its faster way
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/postgres"

	"dagger/stack/bench/side"
)

// container is a postgres of Testcontainers.
type container struct {
	*postgres.PostgresContainer
	url string
}

func startTestcontainers(ctx context.Context, daemon *side.Daemon) (*container, error) {
	for name, value := range map[string]string{
		"DOCKER_HOST": daemon.Host(), "TESTCONTAINERS_RYUK_DISABLED": "true", // its reaper is an image that is not here
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	image := "postgres:15-alpine"
	if err := daemon.Pull(ctx, image); err != nil {
		return nil, err
	}
	started, err := postgres.Run(ctx, image, postgres.WithDatabase("app"), postgres.WithUsername("postgres"), postgres.WithPassword("bench"),
		postgres.BasicWaitStrategies(), postgres.WithSQLDriver("pgx"))
	c := &container{PostgresContainer: started}
	if err != nil {
		c.end()
		return nil, err
	}
	c.url, err = started.ConnectionString(ctx, "sslmode=disable")
	return c, err
}

func (c *container) Name() string { return "Testcontainers" }
func (c *container) URL() string  { return c.url }

func (c *container) Snapshot(ctx context.Context) error { return c.PostgresContainer.Snapshot(ctx) }
func (c *container) Rollback(ctx context.Context) error { return c.Restore(ctx) }

func (c *container) end() { _ = testcontainers.TerminateContainer(c.PostgresContainer) }
