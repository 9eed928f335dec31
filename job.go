package main

import "dagger/stack/internal/dagger"

// Adds a job to the stack: a command that runs once at every up, and ends, such as a seed
//
// It runs after what it needs is healthy, and those that it is --before wait until it has ended with exit code 0. up waits for it
// too: a job that fails fails up, with its last lines. In health and the dashboard it is "completed", with its exit code and how
// long it took. Each up runs it again; within a running stack, restart --service does.
//
//	dagger call with-job --name seed --like backend --command "python seed.py" --before backend up --project-path . up
func (m *Stack) WithJob(
	// Its name: 1 to 40 of a-z, 0-9 and "-", the first a letter.
	name string,
	// What it runs: one program and its arguments. Wrap what needs a shell as sh -c '…'. It is run as it is, without the image's
	// ENTRYPOINT.
	command string,
	// The service that it is made like, e.g. backend: it has that one's image or build, environment, folders, user and needs, and no
	// port. Either this or a container.
	//
	// +optional
	like string,
	// The container that it runs in instead: an image's name, or any container in a module.
	//
	// +optional
	container *dagger.Container,
	// Services that must not start before it has ended with exit code 0: backend, frontend or those added before.
	//
	// +optional
	before []string,
	// Services that must be healthy, and jobs that must have ended, before it runs; beside those that it has from --like.
	//
	// +optional
	needs []string,
	// Variables of its environment, each NAME=VALUE. Secrets go to with-secret, and values with a comma to with-env.
	//
	// +optional
	env []string,
	// Who it runs as: a user of the image, or uid[:gid]. Never root. As --like or the container says, unless given.
	//
	// +optional
	user string,
) (*Stack, error) {
	return m.with(Setting{Service: name, Custom: &CustomService{
		Job: true, Container: container, Like: like, Command: command, User: user, Env: env, Needs: needs, NeededBy: before,
	}})
}
