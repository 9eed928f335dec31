package recipe

import (
	"strings"

	"dagger/stack/internal/spec"
)

const (
	postgresPort   = 5432
	postgresUser   = "postgres"
	postgresDB     = "app"
	postgresVolume = "/var/lib/postgresql/data"
	// A folder below the volume: initdb wants an empty one of its own, and the volume's root holds the agent's
	// mark of a first start.
	postgresData = postgresVolume + "/pgdata"
	// Fast shutdown. The engine would send SIGTERM, on which postgres waits for its clients to leave
	// (postgresql.org/docs/15/server-shutdown.html).
	postgresStop = "SIGINT"
)

// postgresLimits fit the server into its limits. A quarter of the memory for the buffers is the manual's advice
// (postgresql.org/docs/15/runtime-config-resource.html). Half of it is for the connections, at 8 MiB each: a backend
// of 3 to 4 MiB and one sort of the default work_mem. Each is a process, beside some twenty of the server's own, and
// the commands that are run beside it. 100 is postgres' default, and 10 serve one backend.
var postgresLimits = []spec.Value{
	{spec.Text("-c")},
	{spec.Text("shared_buffers="), spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory, Percent: 25, Per: MiB}}}), spec.Text("MB")},
	{spec.Text("-c")},
	{spec.Text("max_connections="), spec.NumberPart(spec.Number{
		Of:      []spec.Measure{{Limit: spec.Memory, Percent: 50, Per: 8 * MiB}, {Limit: spec.Pids, Less: 32}},
		AtLeast: 10, AtMost: 100,
	})},
}

// postgresRestore fills a database beside the one in use and then gives it its name, in one transaction: what cannot be
// restored whole changes nothing, and what the backup does not have is gone. A rename locks clients out and waits 5 s for the
// connections there are to end; one that was half open when the others were ended makes it fail, so it is tried again.
const postgresRestore = `export PGOPTIONS=--client-min-messages=warning
sql() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --host=127.0.0.1 --username='USER' --dbname=postgres --command="$1"; }
trap "sql 'DROP DATABASE IF EXISTS \"DB_restoring\"'" EXIT
sql 'DROP DATABASE IF EXISTS "DB_restoring"'
sql 'CREATE DATABASE "DB_restoring" TEMPLATE template0'
pg_restore --no-owner --exit-on-error --host=127.0.0.1 --username='USER' --dbname='DB_restoring'
replace() {
  sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'DB';
    ALTER DATABASE \"DB\" RENAME TO \"DB_replaced\"; ALTER DATABASE \"DB_restoring\" RENAME TO \"DB\"" >/dev/null
}
sql 'DROP DATABASE IF EXISTS "DB_replaced"'
replace || replace || replace
sql 'DROP DATABASE "DB_replaced"'`

// postgresBackup copies a database as a user of it.
func postgresBackup(user, database string, password spec.Value) *spec.Backup {
	return &spec.Backup{
		File:    "postgres.dump",
		Dump:    []string{"pg_dump", "--format=custom", "--host=127.0.0.1", "--username=" + user, database},
		Check:   []string{"pg_restore", "--file=/dev/null"}, // reads all of it, not the table of contents alone
		Restore: []string{"sh", "-ec", strings.NewReplacer("USER", user, "DB", database).Replace(postgresRestore)},
		Env:     []spec.Variable{{Name: "PGPASSWORD", Value: password}},
	}
}

// Postgres is the database as a service of that name, on an image that keeps the contract of the official ones.
func Postgres(name, image string) spec.Service {
	return spec.Service{
		Name: name, Kind: image,
		Build:   spec.Build{Image: image},
		Exports: []spec.Variable{{Name: "DATABASE_URL", Value: postgresURL("postgresql", spec.Text(name), "")}},
		Login:   &spec.Login{Kind: spec.PostgresLogin, User: postgresUser, Password: spec.Value{dbPassword(spec.Plain)}, Database: postgresDB},
		Process: spec.Process{
			// The image's own entrypoint, which initialises an empty data folder. The entrypoint runs as the image's user
			// and not as root: it then skips what needs root, and the agent has done that already.
			Command: []string{"docker-entrypoint.sh", "postgres", "-c", "listen_addresses=*"},
			Options: postgresLimits,
			User:    "postgres",
			Env: []spec.Variable{
				spec.Env("POSTGRES_USER", postgresUser),
				spec.Env("POSTGRES_DB", postgresDB),
				{Name: "POSTGRES_PASSWORD", Value: spec.Value{dbPassword(spec.Plain)}},
				spec.Env("PGDATA", postgresData),
			},
			StopSignal: postgresStop,
		},
		Ports: []spec.Port{{Container: postgresPort, Published: postgresPort}},
		// Over TCP with a login and a query: while the image initialises, a temporary server listens on the socket
		// alone, and pg_isready says yes to that server.
		Probe: &spec.Probe{URL: postgresURL("postgres", spec.OwnAddress, "?sslmode=disable")},
		Data: []spec.DataDir{{
			Path: postgresVolume, Name: name,
			// Of a killed server. In another container the number may be that of a living process, and postgres
			// would refuse to start (docker-library/postgres, kartoza#331).
			Stale: []string{"pgdata/postmaster.pid"},
		}},
		Hooks: []spec.Hook{{
			Name: "set the database password", Secret: DBPassword,
			Command: []string{"postgres", "--single", "-D", postgresData, "postgres"},
			Stdin:   spec.Value{spec.Text("ALTER ROLE " + postgresUser + " PASSWORD "), dbPassword(spec.SQL), spec.Text(";\n")},
		}},
		Backup:  postgresBackup(postgresUser, postgresDB, spec.Value{dbPassword(spec.Plain)}),
		Restart: spec.Restart{Policy: spec.RestartOnFailure},
		Limits:  spec.Limits{CPUs: 1, Memory: 2048 * MiB, Pids: 256},
	}
}

func dbPassword(encoding spec.Encoding) spec.Part { return spec.SecretPart(DBPassword, encoding) }

// postgresURL is the address of the database, with its login.
func postgresURL(scheme string, host spec.Part, query string) spec.Value {
	return spec.Value{spec.Text(scheme + "://" + postgresUser + ":"), dbPassword(spec.URL), spec.Text("@"), host, spec.Text(":5432/" + postgresDB + query)}
}
