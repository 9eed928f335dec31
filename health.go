package main

import (
	"context"

	"dagger/stack/internal/client"
	"dagger/stack/internal/command"
)

// Prints the state of every service and an overall verdict; fails when not all are healthy
//
// Works from any terminal. The report is the answer when all is well, and the error otherwise, so that the exit code
// tells. A stack whose agents have not been heard of for 5 seconds is not running.
//
// +cache="never"
func (m *Stack) Health(
	ctx context.Context,
	// One service: postgres, redis, backend or frontend. All, unless given.
	//
	// +optional
	service string,
	// Wait until all are healthy, at most this long, e.g. 60s.
	//
	// +optional
	wait string,
	// How the report is printed: text or json.
	//
	// +optional
	// +default="text"
	format string,
) (string, error) {
	return m.ask(ctx, command.Health, command.HealthRequest{Request: m.request(), HealthRequest: client.HealthRequest{
		Service: service, Wait: wait, Format: format,
	}})
}
