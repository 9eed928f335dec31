package recipe

import "dagger/stack/internal/spec"

var (
	postgresImages  = []string{"postgres", "pgvector/pgvector", "postgis/postgis", "timescale/timescaledb"}
	postgresServers = []string{"postgres"}
)

// postgres is what is known of postgres, and of what is made of it.
var postgres = recipe{
	images: postgresImages, servers: postgresServers, complete: completePostgres, login: spec.PostgresLogin,
	// Who logs in to what, and where the data lies.
	settled: []string{"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "PGDATA"},
	ping: func(s spec.Service) []string {
		return []string{"pg_isready", "--host=127.0.0.1", "--username=" + s.Login.User, "--dbname=" + s.Login.Database}
	},
}

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

// Postgres is the database as a service of that name, on an image that keeps the contract of the official ones.
func Postgres(name, image string) spec.Service {
	return spec.Service{
		Name: name, Kind: image,
		Build:   spec.Build{Image: image},
		Exports: []spec.Variable{{Name: "DATABASE_URL", Value: postgresURL("postgresql", spec.Text(name), "")}},
		Login:   &spec.Login{Kind: spec.PostgresLogin, User: postgresUser, Password: spec.Value{dbPassword(spec.Plain)}, Database: postgresDB},
		Address: postgresURL("postgresql", spec.OwnAddress, ""),
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
		}, postgresMend([]string{"postgres", "--single", "-D", postgresData, "template1"}, postgresUser, postgresDB, dbPassword(spec.SQL))},
		Backup:  postgresBackup(postgresUser, postgresDB, postgresURL("postgres", spec.OwnAddress, "?sslmode=disable")),
		Restart: spec.Restart{Policy: spec.RestartOnFailure},
		Limits:  spec.Limits{CPUs: 1, Memory: 2048 * MiB, Pids: 256},
	}
}

// postgresMend makes what the login needs and its user has dropped, renamed or changed, each unless it is there.
func postgresMend(command []string, user, database string, password spec.Part) spec.Hook {
	role := `"` + user + `"`
	return spec.Hook{
		Name:    "make what the login needs again: an empty database " + database + " if it is missing, the user " + user + " with the password that was given",
		Refused: true, Command: command,
		Stdin: spec.Value{
			spec.Text("CREATE ROLE " + role + ";\nALTER ROLE " + role + " SUPERUSER LOGIN PASSWORD "), password,
			spec.Text(";\nCREATE DATABASE \"" + database + "\" OWNER " + role + " TEMPLATE template0;\n"),
		},
	}
}

func dbPassword(encoding spec.Encoding) spec.Part { return spec.SecretPart(DBPassword, encoding) }

// postgresURL is the address of the database, with its login.
func postgresURL(scheme string, host spec.Part, query string) spec.Value {
	return spec.Value{spec.Text(scheme + "://" + postgresUser + ":"), dbPassword(spec.URL), spec.Text("@"), host, spec.Text(":5432/" + postgresDB + query)}
}

// IsPostgres tells whether a service is known to be a postgres.
func IsPostgres(s spec.Service) bool { return s.Login != nil && s.Login.Kind == spec.PostgresLogin }
