package state

import (
	"crypto/rand"
	"maps"
	"path/filepath"
	"time"
)

// Finished is what a job that need not be repeated has last been done with.
type Finished struct {
	Digest string            `json:"digest"` // of all that the job reads
	Data   map[string]string `json:"data"`   // by service: which data the service had
	Time   time.Time         `json:"time"`
}

// Same tells whether the work of the job is done. Without any data nobody knows what the job has changed.
func (f Finished) Same(now Finished) bool {
	return len(now.Data) > 0 && f.Digest == now.Digest && maps.Equal(f.Data, now.Data)
}

const (
	finishedName = "finished.json"
	dataName     = "data.json"
)

// WriteFinished replaces the last one.
func (s Service) WriteFinished(finished Finished) error {
	return writeJSON(filepath.Join(s.dir, finishedName), finished)
}

// Finished is the last one, fs.ErrNotExist if the job has never been done.
func (s Service) Finished() (Finished, error) {
	return readJSON[Finished](filepath.Join(s.dir, finishedName))
}

// NewData says that the service's data is not what it was: it was made anew, or a backup was brought back.
func (s Service) NewData() error { return writeJSON(filepath.Join(s.dir, dataName), rand.Text()) }

// Data tells which data the service has, fs.ErrNotExist if nobody has said.
func (s Service) Data() (string, error) { return readJSON[string](filepath.Join(s.dir, dataName)) }
