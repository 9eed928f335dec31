package state

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Run is what the last up started. Services used one by one, without up, are not in it.
type Run struct {
	ID       string    `json:"id"`
	Stack    string    `json:"stack"`
	Started  time.Time `json:"started"`
	Services []string  `json:"services"`          // in order of need; none: they are still being found out, or that has failed
	LeftOut  []string  `json:"leftOut,omitempty"` // services that could not be had, each "NAME: why"
	Session  string    `json:"session"`           // of the engine, in which it was
	From     string    `json:"from,omitempty"`    // the folder that it was called in, if nobody has named the stack
	Of       Identity  `json:"of,omitempty"`      // the project, if it was named and the stack was not

	// What From and Of are once it has parts: before, those of the run before are there.
	AskedFrom string   `json:"askedFrom,omitempty"`
	AskedOf   Identity `json:"askedOf,omitempty"`
}

// HasParts tells whether it is known what the up starts.
func (r Run) HasParts() bool { return len(r.Services) > 0 }

// Identity is what a project is called by its manifests, as far as it has any.
type Identity []string

// Other tells whether two projects are certainly not the same.
func (i Identity) Other(than Identity) bool {
	return len(i) > 0 && len(than) > 0 && !slices.ContainsFunc(i, func(name string) bool { return slices.Contains(than, name) })
}

func (i Identity) String() string { return strings.Join(i, " and ") }

const runName = "run.json"

// WriteRun replaces the note of the last run.
func (s Stack) WriteRun(run Run) error { return writeJSON(filepath.Join(s.root, runName), run) }

// Run is the last one, fs.ErrNotExist if there never was any.
func (s Stack) Run() (Run, error) { return readJSON[Run](filepath.Join(s.root, runName)) }

const givenUpName = "given-up"

// GiveUp notes that the up of a session has failed: what still waits to start, or comes only now, has nothing to wait
// for.
func (s Stack) GiveUp(session string) error {
	return writeFile(filepath.Join(s.root, givenUpName), []byte(session))
}

// GivenUp tells whether that was so of the session's last up.
func (s Stack) GivenUp(session string) bool {
	text, err := os.ReadFile(filepath.Join(s.root, givenUpName))
	return err == nil && session != "" && string(text) == session
}

const stoppedName = "stopped"

// Stop notes that the stack is being ended: what holds connections to its services lets go of them, since many a server
// waits for the last one before it ends.
func (s Stack) Stop() error { return writeFile(filepath.Join(s.root, stoppedName), nil) }

// Stopped tells whether that is so.
func (s Stack) Stopped() bool {
	_, err := os.Stat(filepath.Join(s.root, stoppedName))
	return err == nil
}

// Begin forgets what was noted of the run before: that its up has failed, and that it was ended.
func (s Stack) Begin() error {
	return errors.Join(ignoreMissing(os.Remove(filepath.Join(s.root, givenUpName))), ignoreMissing(os.Remove(filepath.Join(s.root, stoppedName))))
}
