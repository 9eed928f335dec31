package recipe

import (
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// A server that the recipe knows finds out that clients are gone; whatever else the command says stays, and counts.
func TestServerSettings(t *testing.T) {
	t.Parallel()
	const (
		keepalive = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3 "
		tcp       = keepalive + "-c tcp_user_timeout=60000"
		all       = tcp + " -c client_connection_check_interval=10000"
	)
	for _, row := range []struct{ image, command, major, mount, want string }{
		{"postgres:15-alpine", "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres " + all},
		{"postgres", "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres " + all},
		{"postgres:alpine", "docker-entrypoint.sh -c fsync=off", "", "", "docker-entrypoint.sh " + all + " -c fsync=off"},
		{"postgres:13", "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres " + tcp},
		{"postgres:9.6", "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres"},
		{"postgres:9.6", "docker-entrypoint.sh postgres", "16", "", "docker-entrypoint.sh postgres " + all},
		{"timescale/timescaledb:2.14.2-pg13", "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres " + tcp},
		{"pgvector/pgvector:pg16", "/usr/bin/docker-entrypoint.sh /usr/bin/postgres -c a=b", "", "", "/usr/bin/docker-entrypoint.sh /usr/bin/postgres " + all + " -c a=b"},
		{"example/own:3", "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres"},
		{"postgres@sha256:" + strings.Repeat("a", 64), "docker-entrypoint.sh postgres", "", "", "docker-entrypoint.sh postgres"},
		{
			"postgres:16", "docker-entrypoint.sh postgres -c client_connection_check_interval=0 -c tcp_user_timeout=0", "", "",
			"docker-entrypoint.sh postgres " + strings.TrimSpace(keepalive) + " -c client_connection_check_interval=0 -c tcp_user_timeout=0",
		},
		{"postgres:16", "docker-entrypoint.sh postgres -c config_file=/etc/own.conf", "", "", "docker-entrypoint.sh postgres -c config_file=/etc/own.conf"},
		{"postgres:16", "docker-entrypoint.sh postgres", "", "/etc/postgresql/postgresql.conf", "docker-entrypoint.sh postgres"},
		{"postgres:16", "sh -c own-postgres", "", "", "sh -c own-postgres"},
	} {
		s := described(row.image, "POSTGRES_PASSWORD=pw", "", row.mount)
		s.Process.Command = strings.Fields(row.command)
		if row.major != "" {
			s.Process.Env = append(s.Process.Env, spec.Env("PG_MAJOR", row.major))
		}
		s, _ = Complete(s)
		if got := strings.Join(s.Process.Command, " "); got != row.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", row.image, row.command, got, row.want)
		}
		if again, _ := Complete(s); strings.Join(again.Process.Command, " ") != row.want {
			t.Errorf("%s: twice is something else: %s", row.image, again.Process.Command)
		}
	}
}
