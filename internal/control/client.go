// Package control is the other side of the agents: what sessions do with a stack through its state volume, also when
// another session runs it or nobody does any more. It returns values; package render has the words for them.
package control

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Client reads and asks one stack.
type Client struct {
	Name    string // of the stack
	State   state.Stack
	Session string // of the engine, in which the client is: what Begin, Runs, Contest and Wait are about
}

// cli is the command by which a user calls a function of the stack.
func (c Client) cli(call string) string { return protocol.CLI(c.Name, call) }

// upHere starts the stack of the folder that the user is in, and publishes its ports.
const upHere = "up --project-path . up"

// services are those of the last up and all that run now, in order of need as far as it is known. A service that
// an earlier up had and the last one had not is no longer part of the stack.
func (c Client) services() ([]string, error) {
	run, err := c.State.Run()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	all, err := c.State.Services()
	if err != nil {
		return nil, err
	}
	names := run.Services
	for _, name := range all {
		if !slices.Contains(names, name) && (len(run.Services) == 0 || c.State.Service(name).Alive()) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, notRunning("stack %q never ran on this engine: start it with %s", c.Name, c.cli(upHere))
	}
	return names, nil
}

// choose is one service, or all of them if name is empty.
func (c Client) choose(name string) ([]string, error) {
	names, err := c.services()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return names, nil
	}
	if !slices.Contains(names, name) {
		return nil, invalid("service %q is not part of the stack: want one of %s", name, strings.Join(names, ", "))
	}
	return []string{name}, nil
}

// notRunning says that a stack does not run, and since when. Agents that hold their locks and say nothing hang: only
// the end of their session ends them.
func (c Client) notRunning(lastSeen time.Time) error {
	seen := ""
	if !lastSeen.IsZero() {
		seen = fmt.Sprintf(" (last seen %s ago)", spec.Duration(time.Since(lastSeen)).Roughly())
	}
	if alive, err := c.alive(); err == nil && len(alive) > 0 {
		return notRunning("stack %q is not running%s, and yet not gone (%s): interrupt the call that started it", c.Name, seen, strings.Join(alive, ", "))
	}
	return notRunning("stack %q is not running%s: start it with %s", c.Name, seen, c.cli(upHere))
}
