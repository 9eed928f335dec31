package client

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/state"
)

// BeginRequest says what is about to be started.
type BeginRequest struct {
	Services  []string // in order of need
	Ephemeral bool     // it keeps no data
	Session   string   // of the engine, in which it is
	Patience  time.Duration
}

// EndPatience is how long an up should wait for a stack that runs: one whose call was interrupted takes a moment to end.
// For one whose call was killed it is too short: the engine notices that after 5 to 10 s
// (engine/server/session_attachables.go monitorAttachableHealth), and whom we refuse should not have to wait that long.
const EndPatience = time.Second

// Begin is asked before anything is started: it waits for a stack that already runs to end, refuses it if it does not,
// and writes down what this run consists of. The agents' locks decide in the end; this one is early, and says what to do.
//
// In the session that runs the stack nothing is to be done: what is made the same is the same there. The command
// dagger up calls up twice, once for its ports.
func (c Client) Begin(out io.Writer, r BeginRequest) error {
	if here, err := c.RunsIn(r.Session); err != nil || here {
		return err
	}
	door, err := c.enterEmpty(r.Patience)
	if err != nil {
		return err
	}
	defer door.Close()
	if _, err := c.State.Run(); errors.Is(err, fs.ErrNotExist) && !r.Ephemeral {
		fmt.Fprintf(out, "stack %q is new on this engine and starts without data. If it had some, the engine's cache was lost: bring a backup back with dagger call --name %s restore --from FILE\n", c.Name, c.Name)
	}
	if err := c.State.Begin(); err != nil {
		return err
	}
	return c.State.WriteRun(state.Run{ID: rand.Text(), Stack: c.Name, Started: time.Now(), Services: r.Services, Session: r.Session})
}

// enterEmpty is the door of the stack when none of its services runs.
func (c Client) enterEmpty(patience time.Duration) (*os.File, error) {
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		door, err := c.State.Enter()
		if err != nil {
			return nil, err
		}
		alive, err := c.alive()
		if err == nil && len(alive) == 0 {
			return door, nil
		}
		door.Close() // those that end, and those that ask, need it too
		switch {
		case err != nil:
			return nil, err
		case time.Since(begun) > patience:
			return nil, c.alreadyRunning(alive)
		}
	}
}

// RunsIn tells whether an up of that session has started the stack and it still runs.
func (c Client) RunsIn(session string) (bool, error) {
	run, err := c.State.Run()
	if errors.Is(err, fs.ErrNotExist) || err == nil && run.Session != session {
		return false, nil
	}
	alive, aliveErr := c.alive()
	return len(alive) > 0, errors.Join(err, aliveErr)
}

// Contest fails if another session than this one runs the stack: why an up that Begin let pass did not start.
func (c Client) Contest(session string) error {
	names, err := c.alive()
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(names, func(name string) bool {
		status, err := c.State.Service(name).Status()
		return err != nil || status.Session == session
	})
	if len(others) > 0 {
		return c.alreadyRunning(others)
	}
	return nil
}

func (c Client) alreadyRunning(services []string) error {
	return fmt.Errorf("stack %q is already running%s (%s): use it, end it with dagger call --name %s stop, or start another one with dagger call --name NAME up. "+
		"Was the call that runs it killed? The engine notices that within 10 s: try again then",
		c.Name, c.runningFor(services), strings.Join(services, ", "), c.Name)
}

// alive are the names of the services that run now.
func (c Client) alive() (names []string, err error) {
	alive, err := c.State.Alive()
	for _, service := range alive {
		names = append(names, service.Name)
	}
	return names, err
}

// runningFor says how long the first of them has been running, as far as that is known.
func (c Client) runningFor(services []string) string {
	var since time.Time
	for _, name := range services {
		status, err := c.State.Service(name).Status()
		if err == nil && !status.Started.IsZero() && (since.IsZero() || status.Started.Before(since)) {
			since = status.Started
		}
	}
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf(" for %s", roughly(time.Since(since)))
}
