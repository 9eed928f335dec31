package recipe

import "dagger/stack/internal/spec"

// Ping is the command by which a database's image asks its own server whether it works.
func Ping(s spec.Service) []string {
	if IsPostgres(s) {
		return []string{"pg_isready", "--host=127.0.0.1", "--username=" + s.Login.User, "--dbname=" + s.Login.Database}
	}
	// Without a login, a redis says that it wants one: it works.
	return []string{"sh", "-c", "redis-cli ping | grep -qE 'PONG|NOAUTH'"}
}
