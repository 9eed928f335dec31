package state

import (
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
