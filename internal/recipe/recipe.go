// Package recipe knows images that stacks are made of: how a postgres or a redis is asked whether it works, how it is stopped,
// backed up and bounded, and which variables say to others where it is.
package recipe

// The secrets of the recipes. The user gives them or the stack makes them.
const (
	DBPassword    = "db-password"
	RedisPassword = "redis-password"
	SecretKey     = "secret-key"
)

// MiB is a mebibyte.
const MiB = 1 << 20
