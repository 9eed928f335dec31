package control

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// BeginRequest says what is about to be started.
type BeginRequest struct {
	Ephemeral bool           // it keeps no data
	From      string         // the folder that it is called in, if nobody has named the stack and the folder is known
	Of        state.Identity // the project, where a call names it and nobody has named the stack
	Timeout   time.Duration
}

// Parts is what an up starts. Begin is asked while that is still being found out.
type Parts struct {
	Services []string // in order of need
	LeftOut  []string // services that cannot be had here, each "NAME: why"
}

// EndTimeout is how long an up should wait for a stack that runs: one whose call was interrupted takes a moment to end.
// For one whose call was killed it is too short: the engine notices that after 5 to 10 s
// (engine/server/session_attachables.go monitorAttachableHealth), and whom we refuse should not have to wait that long.
const EndTimeout = time.Second

// Begin is asked before anything is started: it waits for a stack that already runs to end, refuses it if it does not,
// and notes the new run, which has no parts yet. The agents' locks decide in the end; this one is early, and says what to do.
//
// A second up in the session that runs the stack has nothing to begin: in one session, Dagger gives the process that already
// runs to everybody who describes the same service. The command `dagger up` calls the function up twice.
//
// withoutData: the stack is new on this engine.
func (c Client) Begin(r BeginRequest) (withoutData bool, err error) {
	if here, err := c.Runs(); err != nil || here {
		return false, err
	}
	last, lastErr := c.State.Run()
	if lastErr == nil && !r.Ephemeral {
		if err := c.anothers(last, r); err != nil {
			return false, err
		}
	}
	lock, err := c.lockEmpty(r.Timeout)
	if err != nil {
		return false, err
	}
	defer lock.Close()
	last, lastErr = c.State.Run()
	withoutData = !r.Ephemeral && (errors.Is(lastErr, fs.ErrNotExist) || lastErr == nil && !last.HasParts()) // a run without parts has started nothing
	if err := c.State.Begin(); err != nil {
		return false, err
	}
	return withoutData, c.State.WriteRun(state.Run{
		ID: rand.Text(), Stack: c.Name, Started: time.Now(), Session: c.Session, From: last.From, Of: last.Of, AskedFrom: r.From, AskedOf: r.Of,
	})
}

// consist notes the parts of this session's run, unless an up before in the session has.
func (c Client) consist(parts Parts) error {
	lock, err := c.State.Lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	run, err := c.State.Run()
	if err != nil || run.Session != c.Session || run.HasParts() {
		return err
	}
	run.Services, run.LeftOut, run.From, run.Of = parts.Services, parts.LeftOut, run.AskedFrom, run.AskedOf
	return c.State.WriteRun(run)
}

// anothers refuses a stack that nobody has named, and that another project has: it would get that one's data.
func (c Client) anothers(last state.Run, r BeginRequest) error {
	switch {
	case last.From == "" || r.From == "":
		return nil
	case last.From != r.From:
		return invalid("the stack %q was started in %s, and this is %s: if this is another project, name its stack with --name %s; if it is the same, with --name %s",
			c.Name, last.From, r.From, project.NameBeside(r.From, c.Name), c.Name)
	case last.Of.Other(r.Of):
		return invalid("the stack %q is that of the project %s, and this is %s: a stack that nobody names is called after the folder that you are in, whatever --project-path says. "+
			"Name the stack of this project with --name %s, in each call; if it is the same project under another name, with --name %s",
			c.Name, last.Of, r.Of, project.NameBeside(r.Of[0], c.Name), c.Name)
	}
	return nil
}

// WithoutData is the line about a stack that is new on this engine. other is the state of the stack called default, where nobody has named
// this one and the folder that it is called in is from: it had that name before stacks were called after their folders.
func (c Client) WithoutData(other state.Stack, from string) string {
	line := fmt.Sprintf("stack %q is new on this engine and starts without data. ", c.Name)
	if last, err := other.Run(); from != "" && c.Name != project.DefaultName && err == nil && (last.From == "" || last.From == from) {
		return line + fmt.Sprintf("There is data of a stack %q: if it is this project's, give --name %s, in each call", project.DefaultName, project.DefaultName)
	}
	return line + fmt.Sprintf("If it had some, the engine's cache was lost: bring a backup back with %s", c.cli("restore --from FILE"))
}

// lockEmpty takes the stack lock when none of the stack's services runs.
func (c Client) lockEmpty(timeout time.Duration) (*os.File, error) {
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		lock, err := c.State.Lock()
		if err != nil {
			return nil, err
		}
		alive, err := c.alive()
		if err == nil && len(alive) == 0 {
			return lock, nil
		}
		lock.Close() // those that end, and those that ask, need it too
		switch {
		case err != nil:
			return nil, err
		case time.Since(begun) > timeout:
			return nil, c.alreadyRunning(alive)
		}
	}
}

// Runs tells whether an up of this session has started the stack and it still runs.
func (c Client) Runs() (bool, error) {
	run, err := c.State.Run()
	if errors.Is(err, fs.ErrNotExist) || err == nil && run.Session != c.Session {
		return false, nil
	}
	alive, aliveErr := c.alive()
	return len(alive) > 0, errors.Join(err, aliveErr)
}

// Contest fails if another session than this one runs the stack: why an up that Begin let pass did not start.
func (c Client) Contest() error {
	names, err := c.alive()
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(names, func(name string) bool {
		status, err := c.State.Service(name).Status()
		return err != nil || status.Session == c.Session
	})
	if len(others) > 0 {
		return c.alreadyRunning(others)
	}
	return nil
}

func (c Client) alreadyRunning(services []string) error {
	return fmt.Errorf("stack %q is already running%s (%s): use it, end it with %s, or start another one with another --name. "+
		"Was the call that runs it killed? The engine notices that within 10 s: try again then",
		c.Name, c.runningFor(services), strings.Join(services, ", "), c.cli("stop"))
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
	return fmt.Sprintf(" for %s", spec.Duration(time.Since(since)).Roughly())
}
