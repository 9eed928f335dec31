package main

import "dagger/stack/internal/dagger"

// Adds a service of your own to the stack: a worker, a mail catcher, a search engine
//
// It has all that the built-in services have: logs, health, restarts, limits, no root. The others reach it by its
// name, and it reaches them. Where it needs postgres, redis, backend or frontend it finds DATABASE_URL, REDIS_URL,
// BACKEND_URL or FRONTEND_URL in its environment.
//
//	dagger call with-service --name worker --like backend --command "celery -A app worker" up --project-path . up
//	dagger call with-service --name mail --container axllent/mailpit --port 8025:8025 --needed-by backend up up
//
// What is wrong with a value is an error, and so is a name that is taken. An image that cannot be used is an error of
// up.
func (m *Stack) WithService(
	// Its name and its host name inside the stack: 1 to 40 of a-z, 0-9 and "-", the first a letter.
	name string,
	// The container that it runs in: an image's name, or any container in a module. Its ENTRYPOINT and CMD are what
	// runs, its USER is who. An image that runs as root is run as uid 1000: name a better one with --user.
	//
	// +optional
	container *dagger.Container,
	// Make it as another service is made, instead of a container: backend, or one of the compose file. It then has that service's code,
	// environment, needs and user, and needs a --command.
	//
	// +optional
	like string,
	// What it runs, instead of the image's ENTRYPOINT and CMD: one program and its arguments. Wrap what needs a shell
	// as sh -c '…'.
	//
	// +optional
	command string,
	// Variables of its environment, each NAME=VALUE. Secrets go to with-secret, and values with a comma to with-env.
	//
	// +optional
	env []string,
	// Ports that it listens on, each PORT for the other services alone, or PUBLISHED:PORT for the host too. The first
	// is in its environment as PORT.
	//
	// +optional
	port []string,
	// Services that must be healthy before it starts.
	//
	// +optional
	needs []string,
	// Services that must not start before it is healthy: backend, frontend or those added before. One with a --command,
	// without --port and without a probe is a job: those services wait for its exit code 0.
	//
	// +optional
	neededBy []string,
	// Folders whose files outlive the session, such as /data, each on a volume of its own. reset drops them.
	//
	// +optional
	data []string,
	// It is healthy when its first port answers an HTTP request for this path with a status of 200 to 399.
	//
	// +optional
	probePath string,
	// It is healthy when this port accepts connections. Its first port, unless another probe is given.
	//
	// +optional
	probeTcp int,
	// It is healthy when this command, run in its container, ends with exit code 0.
	//
	// +optional
	probeCommand string,
	// Who it runs as: a user of the image, or uid[:gid]. Never root.
	//
	// +optional
	user string,
) (*Stack, error) {
	return m.with(Setting{Service: name, Custom: &CustomService{
		Container: container, Like: like, Command: command, User: user, Env: env, Port: port, Needs: needs, NeededBy: neededBy, Data: data,
		ProbePath: probePath, ProbeTCP: probeTcp, ProbeCommand: probeCommand,
	}})
}

// Takes a service out of the stack: a built-in one, one of the compose file, or one that with-service has added
//
// What needs it in the project does without: a backend without redis is started as soon as postgres is healthy, and has
// no REDIS_URL. A service of your own that names it as a need is an error. A name that was taken out can be given to a
// service of your own.
//
//	dagger call without-service --name redis up --project-path . up
func (m *Stack) WithoutService(
	// Which: postgres, redis, backend, frontend, a service of the compose file, or one of your own.
	name string,
) (*Stack, error) {
	return m.with(Setting{Service: name, Without: true})
}
