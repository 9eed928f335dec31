package state

import (
	"os"
	"path/filepath"
	"time"
)

// Run is what the last up started. Services used one by one, without up, are not in it.
type Run struct {
	ID       string    `json:"id"`
	Stack    string    `json:"stack"`
	Started  time.Time `json:"started"`
	Services []string  `json:"services"` // in order of need
	Session  string    `json:"session"`  // of the engine, in which it was
}

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

// Begin forgets that an up before this one has failed.
func (s Stack) Begin() error { return ignoreMissing(os.Remove(filepath.Join(s.root, givenUpName))) }
