package recipe

import (
	"encoding/json"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// text is a value with names in the place of what only the container knows.
func text(v spec.Value) (text string) {
	for _, part := range v {
		switch {
		case part.Secret != nil:
			text += "<" + string(part.Secret.Encoding) + " " + part.Secret.Name + ">"
		case part.Number != nil:
			text += "<number>"
		case part.Address:
			text += "<address>"
		default:
			text += part.Text
		}
	}
	return text
}

// A recipe is of an image: the name that the service has is the stack's choice.
func TestRecipes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		s                    spec.Service
		image, user, stop    string
		variable, url, probe string
		port                 int
		data                 spec.DataDir
		secrets              []string
		backup               string
		offline, hidden      bool
		limits               spec.Limits
	}{
		{
			s: Postgres("db", "pgvector/pgvector:pg16"), image: "pgvector/pgvector:pg16", user: "postgres", stop: "SIGINT",
			variable: "DATABASE_URL", url: "postgresql://postgres:<url db-password>@db:5432/app",
			probe: "postgres://postgres:<url db-password>@<address>:5432/app?sslmode=disable", port: 5432,
			data:    spec.DataDir{Path: "/var/lib/postgresql/data", Name: "db", Stale: []string{"pgdata/postmaster.pid"}},
			secrets: []string{"db-password"}, backup: "postgres.dump", limits: spec.Limits{CPUs: 1, Memory: 2 << 30, Pids: 256},
		},
		{
			s: Redis("queue", "valkey/valkey:8"), image: "valkey/valkey:8", user: "redis",
			variable: "REDIS_URL", url: "redis://:<url redis-password>@queue:6379/0",
			probe: "redis://:<url redis-password>@<address>:6379/0", port: 6379,
			data:    spec.DataDir{Path: "/data", Name: "queue"},
			secrets: []string{"redis-password"}, backup: "redis.rdb", offline: true, limits: spec.Limits{CPUs: 0.5, Memory: 512 << 20, Pids: 64},
		},
		{
			s: MySQL("orders", "mariadb:11"), image: "mariadb:11", user: "mysql",
			variable: "MYSQL_URL", url: "mysql://root:< mysql-password>@orders:3306/app", port: 3306, data: spec.DataDir{Path: "/var/lib/mysql", Name: "orders"},
			secrets: []string{"mysql-password"}, limits: spec.Limits{CPUs: 1, Memory: 1 << 30, Pids: 256},
		},
		{
			s: Mongo("docs", "mongo:8"), image: "mongo:8", user: "mongodb",
			variable: "MONGO_URL", url: "mongodb://docs:27017/app", port: 27017, hidden: true, data: spec.DataDir{Path: "/data/db", Name: "docs"},
			limits: spec.Limits{CPUs: 1, Memory: 1 << 30, Pids: 256},
		},
	} {
		t.Run(row.s.Name, func(t *testing.T) {
			s := row.s
			same := func(what string, got, want any) {
				t.Helper()
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: got %+v, want %+v", what, got, want)
				}
			}
			same("build", s.Build, spec.Build{Image: row.image})
			same("kind", s.Kind, row.image)
			same("user", s.Process.User, row.user)
			same("stop signal", s.Process.StopSignal, row.stop)
			same("exports", []string{s.Exports[0].Name, text(s.Exports[0].Value)}, []string{row.variable, row.url})
			same("probe", text(s.Probe.URL), row.probe)
			same("address", strings.Replace(text(s.Address), "<address>", s.Name, 1), row.url)
			port := spec.Port{Container: row.port, Published: row.port}
			if row.hidden {
				port.Published = 0
			}
			same("ports", s.Ports, []spec.Port{port})
			same("data", s.Data, []spec.DataDir{row.data})
			same("secrets", s.Secrets(), row.secrets)
			backup := spec.Backup{}
			if s.Backup != nil {
				backup = *s.Backup
			}
			same("backup", backup.File, row.backup)
			same("offline", backup.Offline, row.offline)
			same("limits", s.Limits, row.limits)
			same("needs", s.Needs(), []string(nil))
		})
	}
}

// Everybody in the container can read arguments.
func TestNoSecretInArguments(t *testing.T) {
	t.Parallel()
	for _, s := range []spec.Service{Postgres("postgres", "postgres:15-alpine"), Redis("redis", "redis:7-alpine")} {
		for _, option := range s.Process.Options {
			if secrets := option.Secrets(); len(secrets) > 0 {
				t.Errorf("%s: %v in an argument", s.Name, secrets)
			}
		}
	}
}

// Postgres follows its limits, and sets a changed password as one SQL string.
func TestPostgres(t *testing.T) {
	t.Parallel()
	s := Postgres("postgres", "postgres:15-alpine")
	var options []string
	for _, option := range s.Process.Options {
		options = append(options, text(option))
	}
	if got := strings.Join(options, " "); got != "-c shared_buffers=<number>MB -c max_connections=<number>" {
		t.Errorf("options %s", got)
	}
	if got := text(s.Hooks[0].Stdin); got != "ALTER ROLE postgres PASSWORD <sql db-password>;\n" || s.Hooks[0].Secret != DBPassword {
		t.Errorf("hook %q of %s", got, s.Hooks[0].Secret)
	}
	env := map[string]string{}
	for _, v := range slices.Concat(s.Process.Env, s.Backup.Env) {
		env[v.Name] = text(v.Value)
	}
	want := map[string]string{
		"POSTGRES_USER": "postgres", "POSTGRES_DB": "app", "POSTGRES_PASSWORD": "< db-password>",
		"PGDATA": "/var/lib/postgresql/data/pgdata",
	}
	if !reflect.DeepEqual(env, want) {
		t.Errorf("environment %v, want %v", env, want)
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	s := Redis("redis", "redis:7-alpine")
	want := "bind * -::*\nport 6379\nprotected-mode no\nrequirepass <quoted redis-password>\ndir /data\n" +
		"appendonly yes\nappendfsync everysec\nmaxmemory <number>\nmaxmemory-policy noeviction\n"
	if got := text(s.Files[0].Content); got != want {
		t.Errorf("configuration %q, want %q", got, want)
	}
	if command := s.Process.Command; len(command) != 2 || command[0] != "redis-server" || command[1] != s.Files[0].Path {
		t.Errorf("command %q does not read %s", command, s.Files[0].Path)
	}
	if s.Files[0].Mode != nil {
		t.Errorf("mode %o: the password is for the service's user alone", *s.Files[0].Mode)
	}
}

// What runs in a shell is text that a shell understands.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts := 0
	for _, s := range []spec.Service{Postgres("postgres", "postgres:15-alpine"), Redis("redis", "redis:7-alpine")} {
		for _, command := range [][]string{s.Backup.Dump, s.Backup.Check, s.Backup.Restore} {
			if command[0] != "sh" {
				continue
			}
			scripts++
			if output, err := exec.Command("sh", "-n", "-c", command[2]).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", s.Name, err, output)
			}
		}
	}
	if scripts != 6 {
		t.Errorf("%d scripts, want 6", scripts)
	}
}

// A recipe comes into its container as it is.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, s := range []spec.Service{Postgres("postgres", "postgres:15-alpine"), Redis("redis", "redis:7-alpine")} {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var got spec.Service
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		s.Kind, s.Build, s.Exports, s.Login = "", spec.Build{}, nil, nil // the agent does not read them
		if !reflect.DeepEqual(got, s) {
			t.Errorf("%s: got %+v, want %+v", s.Name, got, s)
		}
	}
}
