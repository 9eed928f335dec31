package recipe

import (
	"fmt"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// described is a service as a compose file describes it.
func described(image, env, command, volume string) spec.Service {
	s := spec.Service{Name: "db", Build: spec.Build{Image: image}, Process: spec.Process{Args: strings.Fields(command)}}
	for _, pair := range strings.Fields(env) {
		name, value, _ := strings.Cut(pair, "=")
		s.Process.Env = append(s.Process.Env, spec.Env(name, value))
	}
	if volume != "" {
		s.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "data", Target: volume}}
	}
	return s
}

func probeOf(s spec.Service) string {
	switch {
	case s.Probe == nil:
		return "none"
	case len(s.Probe.URL) > 0:
		return s.Probe.URL.String()
	}
	return strings.Join(s.Probe.Exec, " ")
}

func TestCompletePostgres(t *testing.T) {
	t.Parallel()
	const login = "postgresql://postgres:pw@<own address>:5432/postgres?sslmode=disable"
	for _, row := range []struct {
		image, env, command, volume string
		probe, stale                string
	}{
		{"postgres", "POSTGRES_PASSWORD=pw", "", "/var/lib/postgresql/data", login, "[postmaster.pid]"},
		{"postgres:18-alpine", "POSTGRES_PASSWORD=pw", "", "/var/lib/postgresql", login, "[data/postmaster.pid 18/docker/postmaster.pid 19/docker/postmaster.pid]"},
		{"docker.io/library/postgres:16", "POSTGRES_PASSWORD=pw", "postgres -c max_connections=200", "", login, ""},
		{"public.ecr.aws/docker/library/postgres:16", "POSTGRES_PASSWORD=pw", "-c fsync=off", "", login, ""},
		{"pgvector/pgvector:pg16", "POSTGRES_PASSWORD=pw", "", "/other", login, "[]"},
		{"postgis/postgis", "POSTGRES_PASSWORD=a/b POSTGRES_USER=me POSTGRES_DB=shop PGDATA=/d/pg", "", "/d", "postgresql://me:a%2Fb@<own address>:5432/shop?sslmode=disable", "[pg/postmaster.pid]"},
		{"timescale/timescaledb", "POSTGRES_HOST_AUTH_METHOD=trust POSTGRES_USER=me", "", "", "postgresql://me:@<own address>:5432/me?sslmode=disable", ""},
		{"postgres", "POSTGRES_PASSWORD_FILE=/run/secrets/pw", "", "", "pg_isready --quiet --host=127.0.0.1 --username=postgres --dbname=postgres", ""},
	} {
		s, known := Complete(described(row.image, row.env, row.command, row.volume))
		if !known || probeOf(s) != row.probe || s.Process.StopSignal != "SIGINT" || s.Backup == nil {
			t.Errorf("%s: %s, want %s; %+v", row.image, probeOf(s), row.probe, s)
		}
		if row.volume != "" {
			if m := s.Container.Mounts[0]; fmt.Sprint(m.Stale) != row.stale || m.Exclusive != (row.stale != "[]") {
				t.Errorf("%s: %+v, want %s", row.image, m, row.stale)
			}
		}
		if again, _ := Complete(s); fmt.Sprint(again) == "" || probeOf(again) != probeOf(s) || len(again.Exports) != len(s.Exports) {
			t.Errorf("%s: twice is something else", row.image)
		}
	}
}

// A postgres whose user a file says is asked in that name, and has no backup in a wrong one.
func TestCompletePostgresByFile(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"POSTGRES_PASSWORD=pw POSTGRES_USER_FILE=/run/secrets/user", "POSTGRES_PASSWORD_FILE=/p POSTGRES_DB_FILE=/d"} {
		s, known := Complete(described("postgres", env, "", "/var/lib/postgresql/data"))
		if !known || probeOf(s) != "/bin/sh -c "+postgresReadyByFile || s.Backup != nil || s.Login != nil || len(s.Exports) > 0 || !s.Container.Mounts[0].Exclusive {
			t.Errorf("%s: %s; %+v", env, probeOf(s), s)
		}
	}
}

func TestCompleteRedis(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ image, env, command, probe, restore string }{
		{"redis:7", "", "", "redis://<own address>:6379/0", "dump.rdb"},
		{"valkey/valkey", "", "valkey-server --save 60 1 --appendonly yes", "redis://<own address>:6379/0", "appendonlydir"},
		{"redis", "", "redis-server --requirepass p@ss", "redis://:p%40ss@<own address>:6379/0", "dump.rdb"},
		{"redis", "", "--requirepass 'pw'", "redis://:pw@<own address>:6379/0", "dump.rdb"},
		{"redis", "PW=hidden", "sh -c exec_is_not_needed", "none", ""},
		{"redis", "", "redis-server /etc/redis.conf", "none", ""},
		{"redis", "", "redis-cli ping", "none", ""},
	} {
		s, known := Complete(described(row.image, row.env, row.command, "/data"))
		if !known || probeOf(s) != row.probe || (s.Backup != nil) != (row.restore != "") || s.Backup != nil && !strings.Contains(s.Backup.Restore[2], row.restore) {
			t.Errorf("%s %s: %s, want %s; %+v", row.image, row.command, probeOf(s), row.probe, s.Backup)
		}
	}
	s := described("redis", "PW=hidden", "", "/data")
	s.Process.Args = []string{"sh", "-c", "exec redis-server --requirepass $PW"}
	if s, _ = Complete(s); probeOf(s) != "redis://:hidden@<own address>:6379/0" || !s.Container.Mounts[0].Exclusive {
		t.Error(probeOf(s))
	}
}

// TestCompleteLeaves: what the file says counts, and an image of another repository is another image.
func TestCompleteLeaves(t *testing.T) {
	t.Parallel()
	own := described("postgres", "POSTGRES_PASSWORD=pw", "", "")
	own.Probe, own.Process.StopSignal = &spec.Probe{Exec: []string{"true"}}, "SIGTERM"
	if s, _ := Complete(own); probeOf(s) != "true" || s.Process.StopSignal != "SIGTERM" {
		t.Errorf("%+v", s)
	}
	off := described("redis", "", "", "")
	off.NoProbe = true
	if s, _ := Complete(off); s.Probe != nil {
		t.Errorf("%+v", s.Probe)
	}
	for command, want := range map[string]string{
		"docker-entrypoint.sh postgres":                               "postgresql://postgres:pw@<own address>:5432/postgres?sslmode=disable",
		"/usr/local/bin/docker-entrypoint.sh redis-server":            "redis://<own address>:6379/0",
		"docker-entrypoint.sh redis-server /usr/local/etc/redis.conf": "none",
		"docker-entrypoint.sh redis-server --requirepass pw":          "redis://:pw@<own address>:6379/0",
		"docker-entrypoint.sh mysqld":                                 "none",
		"entry.sh postgres":                                           "none",
	} {
		derived := described("example/own", "POSTGRES_PASSWORD=pw", "", "")
		derived.Process.Command = strings.Fields(command)
		if s, _ := Complete(derived); probeOf(s) != want {
			t.Errorf("an image that says %s: %s, want %s", command, probeOf(s), want)
		}
	}
	for _, image := range []string{"bitnami/postgresql", "example/postgres", "mysql", "", "No Image"} {
		if _, known := Complete(described(image, "", "", "")); known {
			t.Errorf("%q is known", image)
		}
	}
	for _, command := range []string{"psql -h db", "sh -c pg_dump", "pg_dump"} {
		if s, _ := Complete(described("postgres", "POSTGRES_PASSWORD=pw", command, "")); s.Probe != nil || s.Backup != nil {
			t.Errorf("%s is no server", command)
		}
	}
	if s, _ := Complete(described("postgres", "POSTGRES_PASSWORD=pw POSTGRES_DB=a'b", "", "")); s.Backup != nil {
		t.Error("a name that would have to be quoted has a backup")
	}
}
