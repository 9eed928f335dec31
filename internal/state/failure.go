package state

import (
	"path/filepath"
	"time"
)

// Failure is why an agent has ended before it could start its service. Its container is gone by then, and with it what
// it printed.
type Failure struct {
	Session string    `json:"session"` // of the engine, in which it was
	Time    time.Time `json:"time"`
	Why     string    `json:"why"`
}

const failureName = "failure.json"

// WriteFailure replaces the last one.
func (s Service) WriteFailure(failure Failure) error {
	if err := s.Create(); err != nil {
		return err
	}
	return writeJSON(filepath.Join(s.dir, failureName), failure)
}

// Failure is the last one, fs.ErrNotExist if there never was any.
func (s Service) Failure() (Failure, error) {
	return readJSON[Failure](filepath.Join(s.dir, failureName))
}
