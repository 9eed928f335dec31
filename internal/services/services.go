// Package services makes the four built-in services of a stack: values of spec.Service, each from what a user may
// choose about it. Nothing else in the module knows what a postgres is.
package services

import "dagger/stack/internal/spec"

// The names of the built-in services, which are their host names inside the stack too.
const (
	PostgresName = "postgres"
	RedisName    = "redis"
	BackendName  = "backend"
	FrontendName = "frontend"
)

// BuiltIn are those names, in order of need.
var BuiltIn = []string{PostgresName, RedisName, BackendName, FrontendName}

// The secrets of a stack. The user gives them or the stack makes them.
const (
	DBPassword    = "db-password"
	RedisPassword = "redis-password"
	SecretKey     = "secret-key"
)

// Where a service finds the databases, in its environment.
const (
	databaseVariable = "DATABASE_URL"
	redisVariable    = "REDIS_URL"
)

// MiB is a mebibyte.
const MiB = 1 << 20

// DefaultLimits bound the built-in services unless the user says otherwise.
var DefaultLimits = map[string]spec.Limits{
	PostgresName: {CPUs: 1, Memory: 2048 * MiB, Pids: 256},
	RedisName:    {CPUs: 0.5, Memory: 512 * MiB, Pids: 64},
	BackendName:  {CPUs: 1, Memory: 1024 * MiB, Pids: 256},
	FrontendName: {CPUs: 0.5, Memory: 512 * MiB, Pids: 256},
}
