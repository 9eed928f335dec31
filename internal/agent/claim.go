package agent

import (
	"crypto/rand"
	"errors"
	"fmt"

	"dagger/stack/internal/socket"
	"dagger/stack/internal/state"
)

// claim makes this agent the one of its service. A running stack is one session's: of two that start it at once, the
// one whose first agent comes first gets all of it, instead of each a half.
func (a *agent) claim() error {
	stackLock, err := a.State.Lock()
	if err != nil {
		return err
	}
	defer stackLock.Close()
	if err := a.noOther(); err != nil {
		return err
	}
	lock, err := a.folder.Lock()
	if errors.Is(err, state.ErrLocked) {
		return a.alreadyRunning(a.Service.Name)
	}
	if err != nil {
		return err
	}
	a.locks = append(a.locks, lock)
	instance := rand.Text()
	// Before anybody can read whom to ask.
	if err := a.folder.ClearControl(); err != nil {
		return err
	}
	if a.socket, err = socket.Listen(a.folder, instance); err != nil {
		return err
	}
	if err := a.announce(instance); err != nil {
		a.socket.Close()
		return err
	}
	return nil
}

// announce tells others of this agent.
func (a *agent) announce(instance string) error {
	if err := a.State.WriteAddress(a.Service.Name, a.Address); err != nil {
		return err
	}
	return a.introduce(instance)
}

// noOther looks for services that another session runs. One tells: all that run have had the stack lock as this
// agent has it now, and are of the same session.
func (a *agent) noOther() error {
	alive, err := a.State.Alive()
	if len(alive) == 0 {
		return err
	}
	if status, err := alive[0].Status(); err != nil || status.Session != a.Session {
		return a.alreadyRunning(alive[0].Name)
	}
	return err
}

func (a *agent) alreadyRunning(name string) error {
	return fmt.Errorf("service %q of this stack is already running: end it with %s, or start this one under another --name", name, a.cli("stop"))
}
