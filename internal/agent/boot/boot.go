// Package boot lets the module's binary run where there is no Dagger session: as the agent in a service's
// container.
//
// The generated package internal/dagger panics in its init when the session's variables are missing. Packages are
// initialised in the order of their import paths, each as soon as all that it imports is (Go specification,
// "Program initialization"); this one sorts before internal/dagger and imports only what internal/dagger imports
// too, so it is first, and gives an agent the variables of a session that nothing will ever call. The variables go
// no further: the agent hands on the environment that Environ returns. TestOrder runs the real binary without a
// session.
package boot

import (
	"os"
	"path/filepath"
	"strings"
)

// Name is what the binary is called when it is the agent.
const Name = "stack-agent"

const (
	sessionPort  = "DAGGER_SESSION_PORT"
	sessionToken = "DAGGER_SESSION_TOKEN"
)

func init() {
	if !IsAgent() {
		return
	}
	os.Setenv(sessionPort, "1")
	os.Setenv(sessionToken, "none")
}

// IsAgent tells whether this process was started as the agent.
func IsAgent() bool { return len(os.Args) > 0 && filepath.Base(os.Args[0]) == Name }

// Environ is the environment without a session in it: neither the one made up here nor a real one, which is not
// for the services.
func Environ() []string {
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if name != sessionPort && name != sessionToken {
			env = append(env, pair)
		}
	}
	return env
}
