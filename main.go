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
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/project"
)

// A development stack: postgres, redis, a backend and a frontend
type Stack struct {
	// +private
	Name string
	// +private
	DBPassword *dagger.Secret
	// +private
	RedisPassword *dagger.Secret
	// +private
	SecretKey *dagger.Secret
	// +private
	APIPort int
	// +private
	APIHosts []string
	// +private
	APIPrivate bool
	// +private
	BackendDir string
	// +private
	FrontendDir string
	// +private
	BackendCommand string
	// +private
	FrontendCommand string
	// +private
	Unprivileged bool
	// +private
	Ephemeral bool
	// What the user says about services, in the order in which it is said
	//
	// +private
	Settings []*Setting
	// Folder of the state volume, for stacks that have no volume of their own
	//
	// +private
	Folder string
}

// A stack with the settings that all functions share.
//
// Every argument has a default. Ports are those published on the host; inside the stack the services are always
// postgres:5432, redis:6379, backend:8000 and frontend:3000.
func New(
	// Identity of the stack: 1 to 40 of a-z, 0-9 and "-". Two stacks with different names share nothing; a name can
	// run once at a time.
	//
	// +optional
	// +default="default"
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
	// Folder of the project that holds the backend, if it is not found by itself: backend, api, server or the root.
	//
	// +optional
	backendDir string,
	// Folder of the project that holds the frontend, if it is not found by itself: frontend, web, client, ui or the
	// root.
	//
	// +optional
	frontendDir string,
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
	// Image of the database: any that keeps the contract of the official postgres images.
	//
	// +optional
	// +default="postgres:15-alpine"
	postgresImage string,
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
	// Keep no data: postgres and redis start empty and end with the session.
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
) (*Stack, error) {
	m := &Stack{
		Name:       name,
		DBPassword: dbPassword, RedisPassword: redisPassword, SecretKey: secretKey,
		APIPort: apiPort, APIHosts: apiHosts, APIPrivate: apiPrivate,
		BackendDir: backendDir, FrontendDir: frontendDir,
		BackendCommand: backendCommand, FrontendCommand: frontendCommand,
		Unprivileged: unprivileged, Ephemeral: ephemeral,
	}
	m.Settings = []*Setting{
		{Restart: restart, OnUnhealthy: onUnhealthy, LogMaxSize: logMaxSize, LogMaxFiles: logMaxFiles,
			Ephemeral: ephemeral, WritableSource: writableSource},
		{Service: "postgres", Publish: postgresPort, Image: postgresImage},
		{Service: "redis", Publish: redisPort, Image: redisImage},
		{Service: "backend", Publish: backendPort, HealthPath: backendHealthPath},
		{Service: "frontend", Publish: frontendPort, HealthPath: frontendHealthPath},
	}
	if err := project.CheckStackName(name); err != nil {
		return nil, err
	}
	if _, err := project.ParseRestart(restart, onUnhealthy); err != nil {
		return nil, err
	}
	if _, err := m.possible(); err != nil {
		return nil, err
	}
	if err := project.CheckImages(
		project.ImageFlag{Service: "postgres", Image: postgresImage, Example: "postgres:15-alpine"},
		project.ImageFlag{Service: "redis", Image: redisImage, Example: "redis:7-alpine"},
	); err != nil {
		return nil, err
	}
	return m, project.CheckPorts(
		project.PortFlag{Service: "postgres", Port: postgresPort}, project.PortFlag{Service: "redis", Port: redisPort},
		project.PortFlag{Service: "backend", Port: backendPort}, project.PortFlag{Service: "frontend", Port: frontendPort},
		project.PortFlag{Service: "api", Port: apiPort, Optional: true},
	)
}
