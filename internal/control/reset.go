package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dagger/stack/internal/state"
)

// ResetRequest asks to drop all that a stack has kept.
type ResetRequest struct {
	Confirm string   // the stack's name, once more
	Data    []string // where its data volumes are mounted
}

// ResetResult is a stack that has lost all that it kept.
type ResetResult struct{ Stack string }

// String is the line about the stack.
func (r ResetResult) String() string {
	return fmt.Sprintf("stack %q is as new: its data, logs and generated secrets are gone", r.Stack)
}

// Volumes are the names of the stack's data volumes, of every service that it ever had.
func (c Client) Volumes() (volumes []string, err error) {
	all, err := c.State.Services()
	if err != nil {
		return nil, err
	}
	for _, name := range all {
		status, err := c.State.Service(name).Status()
		if err != nil {
			continue
		}
		volumes = append(volumes, status.Volumes...)
	}
	return volumes, nil
}

// Reset empties the data volumes and the state of a stack that does not run.
func (c Client) Reset(_ context.Context, r ResetRequest) (result ResetResult, err error) {
	result.Stack = c.Name
	if r.Confirm != c.Name {
		return result, invalid("this drops the data, the logs and the generated secrets of stack %q for good: confirm with --confirm %s", c.Name, c.Name)
	}
	lock, err := c.State.Lock()
	if err != nil {
		return result, err
	}
	defer lock.Close()
	alive, err := c.alive()
	if err != nil {
		return result, err
	}
	if len(alive) > 0 {
		return result, fmt.Errorf("stack %q is running (%s): end it first with %s", c.Name, strings.Join(alive, ", "), c.cli("stop"))
	}
	for _, volume := range r.Data {
		// Another stack's data is under another name; a server that another way has started holds the lock.
		lock, err := state.LockFolder(volume)
		if errors.Is(err, state.ErrLocked) {
			return result, fmt.Errorf("%s is in use: nothing was dropped from it", filepath.Base(volume))
		}
		if err != nil {
			return result, err
		}
		err = empty(volume)
		lock.Close()
		if err != nil {
			return result, err
		}
	}
	return result, empty(c.State.Root())
}

// empty removes what is in a folder, and not the folder, which is where a volume is mounted.
func empty(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
