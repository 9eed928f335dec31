// Runs a postgres, redis, backend and frontend stack from a project directory
//
// Point it at a project and it finds out how the backend and the frontend are built and run, starts them with a
// database and a cache in order of need, waits until all are healthy, and publishes their ports:
//
//	dagger call up --project-path . up
//
// Every service runs under a small supervisor, so that its logs, its health and its restarts are there from any
// other terminal, with limits that the kernel enforces and data that two stacks cannot ruin together.
package main

import (
	"cmp"
	"errors"

	"dagger/stack/internal/alert"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/otlp"
	"dagger/stack/internal/project"
)

// A stack with the settings that all functions share.
//
// Every argument has a default. Ports are those published on the host; inside the stack the services are always
// postgres:5432, redis:6379, backend:8000 and frontend:3000.
func New(
	// Identity of the stack: 1 to 40 of a-z, 0-9 and "-". Two stacks with different names share nothing; a name can
	// run once at a time. Unless given, that of the project's folder: of the nearest one above yours with a compose file, or else of the
	// repository's top, or else yours; "default", where the folder is not known. up then refuses where another folder's project has it.
	//
	// +optional
	name string,
	// Password of the database's user "postgres". Made once per stack and kept with its state, unless given. A
	// changed one is applied at the next start.
	//
	// +optional
	dbPassword *dagger.Secret,
	// Password of redis. Made once per stack, unless given.
	//
	// +optional
	redisPassword *dagger.Secret,
	// No password for redis: for projects that cannot give one. Whoever reaches the published port of redis then reaches all in it.
	//
	// +optional
	redisNoPassword bool,
	// SECRET_KEY of the backend. Made once per stack, unless given.
	//
	// +optional
	secretKey *dagger.Secret,
	// Published port of postgres, 1 to 65535.
	//
	// +optional
	// +default=5432
	postgresPort int,
	// Published port of redis, 1 to 65535.
	//
	// +optional
	// +default=6379
	redisPort int,
	// Published port of the backend, 1 to 65535.
	//
	// +optional
	// +default=8000
	backendPort int,
	// Published port of the frontend, 1 to 65535.
	//
	// +optional
	// +default=3000
	frontendPort int,
	// Published port of the HTTP API and the dashboard, 1 to 65535; 0 serves neither.
	//
	// +optional
	// +default=9002
	apiPort int,
	// Names that the API is reached by, e.g. devbox.example.com. It answers to localhost, IP addresses and names
	// without a dot anyway, and to no other, because any web page can make its own name point to this machine.
	//
	// +optional
	apiHosts []string,
	// Ask for the API's token for reading too. Published ports can be reached from the network that the machine is in,
	// and logs may hold what is not for everybody there. Without it the token is needed for changes only.
	//
	// +optional
	apiPrivate bool,
	// Whether the HTTP API runs commands in services for who has the token: exec, and the dashboard's terminals.
	//
	// +optional
	// +default=true
	apiShell bool,
	// URL that up sends a POST with JSON to when a service turns unhealthy, is restarted, runs out of memory, or is healthy again:
	// http or https. It is no secret to who sees the call or its traces.
	//
	// +optional
	webhook string,
	// URL of a collector that up sends the services' metrics and logs to, by OpenTelemetry's protocol over HTTP: what OTEL_EXPORTER_OTLP_ENDPOINT
	// says, e.g. http://collector.example.com:4318.
	//
	// +optional
	otlpEndpoint string,
	// Headers for the collector, NAME=VALUE,NAME=VALUE, as OTEL_EXPORTER_OTLP_HEADERS has them, e.g. env://OTEL_EXPORTER_OTLP_HEADERS.
	//
	// +optional
	otlpHeaders *dagger.Secret,
	// Where the stack is read from: "auto" takes the project's compose file if there is one, else what detection finds;
	// "compose" wants a compose file, "detect" reads none. A compose file that has only databases and their like is joined by
	// what detection finds.
	//
	// +optional
	// +default="auto"
	source string,
	// Compose files of the project, in the order in which they are merged; paths below the project's root. Unless given, those
	// that COMPOSE_FILE in .env names, or compose.yaml and its override file.
	//
	// +optional
	composeFile []string,
	// Profiles of the compose file whose services are started, too; "*" is all. Unless given, those of COMPOSE_PROFILES in .env.
	//
	// +optional
	profile []string,
	// Variables for the compose file or the services that are found, each NAME=VALUE, before those of .env; not from the shell.
	// A list is split at commas: write a value with a comma in quotes, as in --env '"LIST=a,b"'.
	//
	// +optional
	env []string,
	// Files of the project with variables for the compose file, in the place of .env.
	//
	// +optional
	envFile []string,
	// Fail where a service of the compose file cannot be had here (it is privileged, or wants the Docker socket), in the place of
	// leaving it out with a warning.
	//
	// +optional
	strict bool,
	// Socket of your SSH agent, for builds of a compose file that say ssh: unix://PATH, or what $SSH_AUTH_SOCK has. It is in a build only
	// where its Dockerfile says RUN --mount=type=ssh, and in no service.
	//
	// +optional
	buildSSH *dagger.Socket,
	// Ports of the host for ports of services, each SERVICE:PORT=PUBLISHED, e.g. web:80=8080: for a port that is taken, or below
	// 1024. A PUBLISHED of 0 is not published.
	//
	// +optional
	publish []string,
	// Folder of the project that holds the backend, if it is not found by itself: backend, api, server, a part of a
	// repository of several (apps/api), or the root.
	//
	// +optional
	backendDir string,
	// Folder of the project that holds the frontend, if it is not found by itself: frontend, web, client, ui or the
	// root.
	//
	// +optional
	frontendDir string,
	// Dockerfile that the backend is built from, in the place of one that is found: a path below the project's root.
	//
	// +optional
	backendDockerfile string,
	// Dockerfile that the frontend is built from, in the place of one that is found.
	//
	// +optional
	frontendDockerfile string,
	// Look at no Dockerfile: the backend and the frontend are built from their source.
	//
	// +optional
	noDockerfile bool,
	// Command that runs the backend instead of the detected one, e.g. "uvicorn app:api --port 8000 --host 0.0.0.0".
	//
	// +optional
	backendCommand string,
	// Command that runs the frontend instead of the detected one.
	//
	// +optional
	frontendCommand string,
	// Path that the backend answers with 200 to 399 when it is healthy, e.g. /healthz. Unless given, /health and then
	// / are asked, and any answer below 500 will do.
	//
	// +optional
	backendHealthPath string,
	// Path that the frontend answers with 200 to 399 when it is healthy. Unless given, / is asked, and any answer below
	// 500 will do.
	//
	// +optional
	frontendHealthPath string,
	// What brings the database up to date before the backend starts: auto (what is found in the project: Alembic, Django, Flask-Migrate,
	// Prisma, Drizzle, Knex, TypeORM, Sequelize or a script migrate), none, or a command that is run in the backend's image, such as
	// "alembic upgrade head". What was found is run again when its files or the database's data have changed, a command by every
	// up. Not for a backend that a compose file describes.
	//
	// +optional
	// +default="auto"
	migrate string,
	// Image of the database: any that keeps the contract of the official postgres images.
	//
	// +optional
	// +default="postgres:15-alpine"
	postgresImage string,
	// Folder of SQL and scripts (*.sql, *.sql.gz, *.sh, …) that postgres' image runs, in the order of their names, when the database is made:
	// its /docker-entrypoint-initdb.d. One that fails fails up, and nothing of that database is kept. reset has them run again.
	//
	// +optional
	postgresInit *dagger.Directory,
	// Image of redis: any that has redis-server and a user redis.
	//
	// +optional
	// +default="redis:7-alpine"
	redisImage string,
	// When a service's process ends: "on-failure" starts it again if its exit code is not 0, "always" whatever it is,
	// "no" never; its failure then is the stack's. Starting again waits 100 ms, then twice as long each time, up to
	// 10 s. A first start that fails is never repeated: it fails up.
	//
	// +optional
	// +default="on-failure"
	restart string,
	// When a service that was healthy turns unhealthy: "none", or "restart" it.
	//
	// +optional
	// +default="none"
	onUnhealthy string,
	// Keep no data: postgres and redis start empty and end with the session. Without --name the stack has one of its own, which up says,
	// so that any number can run at once.
	//
	// +optional
	ephemeral bool,
	// How large one file of a service's log may become before the next one is begun, e.g. 16MiB or 1g: 1MiB to 1GiB.
	//
	// +optional
	// +default="16MiB"
	logMaxSize string,
	// How many files of a service's log are kept, the newest included: 2 to 100.
	//
	// +optional
	// +default=4
	logMaxFiles int,
	// Start the services without insecureRootCapabilities, for engines that forbid it. They are confined all the same;
	// their limits are then kept by the agent that watches them, not by the kernel, and a service finds by name only
	// those that it needs.
	//
	// +optional
	unprivileged bool,
	// Let the backend and the frontend change their source inside the container, as some dev tools want to. Your
	// project stays as it is. Unless given, they can read it and no more; a Dockerfile decides for itself.
	//
	// +optional
	writableSource bool,
	// Build the services that are detected for production, where they are development servers otherwise: what publish and kubernetes
	// publish is run here, to be tried before. What has no such form is run as ever, and a note says why.
	//
	// +optional
	production bool,
) (*Stack, error) {
	m := &Stack{
		Name: name, Webhook: webhook, OTLPEndpoint: otlpEndpoint, OTLPHeaders: otlpHeaders,
		DBPassword: dbPassword, RedisPassword: redisPassword, SecretKey: secretKey,
		APIPort: apiPort, APIHosts: apiHosts, APIPrivate: apiPrivate, APIShell: apiShell,
		BackendDir: backendDir, FrontendDir: frontendDir,
		BackendDockerfile: backendDockerfile, FrontendDockerfile: frontendDockerfile, NoDockerfile: noDockerfile, RedisNoPassword: redisNoPassword,
		BackendCommand: backendCommand, FrontendCommand: frontendCommand,
		Source: source, ComposeFiles: composeFile, Profiles: profile, Env: env, EnvFiles: envFile, Strict: strict, BuildSSH: buildSSH,
		Migrate: migrate, PostgresInit: postgresInit, Unprivileged: unprivileged, Ephemeral: ephemeral, Production: production,
	}
	if err := errors.Join( // all at once
		project.CheckStackName(cmp.Or(name, project.DefaultName)), checkSource(source), alert.Check(webhook), otlp.Check(otlpEndpoint), project.CheckMigrate(migrate), project.CheckDockerfiles(noDockerfile, backendDockerfile, frontendDockerfile),
		project.CheckOpen(redisNoPassword, redisPassword != nil), project.CheckRestart(restart, onUnhealthy), project.CheckLog(logMaxSize, logMaxFiles),
		project.CheckImage("postgres", postgresImage, "postgres:15-alpine"), project.CheckImage("redis", redisImage, "redis:7-alpine"),
		project.CheckHealthPath("backend", backendHealthPath), project.CheckHealthPath("frontend", frontendHealthPath),
		project.CheckStackPorts(postgresPort, redisPort, backendPort, frontendPort, apiPort),
	); err != nil {
		return nil, err
	}
	// A flag that has its default says nothing: a compose file may say something else.
	m.say(
		Setting{Restart: project.Unless(restart, "on-failure"), OnUnhealthy: onUnhealthy == "restart", Ephemeral: ephemeral, WritableSource: writableSource},
		Setting{LogMaxSize: project.Unless(logMaxSize, "16MiB"), LogMaxFiles: project.Unless(logMaxFiles, 4)},
		Setting{Service: "postgres", Publish: project.Unless(postgresPort, 5432), Image: project.Unless(postgresImage, "postgres:15-alpine")},
		Setting{Service: "redis", Publish: project.Unless(redisPort, 6379), Image: project.Unless(redisImage, "redis:7-alpine")},
		Setting{Service: "backend", Publish: project.Unless(backendPort, 8000), HealthPath: backendHealthPath},
		Setting{Service: "frontend", Publish: project.Unless(frontendPort, 3000), HealthPath: frontendHealthPath},
	)
	return m, m.publish(publish)
}
