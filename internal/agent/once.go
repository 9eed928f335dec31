package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"dagger/stack/internal/state"
)

// unneeded is why the job need not be run, "" if it has to be. What it needs is as it has to be by now.
func (a *agent) unneeded() string {
	once := a.Service.Once
	if once == nil {
		return ""
	}
	for _, name := range once.Files {
		if !filepath.IsAbs(name) {
			name = filepath.Join("/", a.Service.Process.Workdir, name)
		}
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return "its image has no " + name
		}
	}
	if once.Digest == "" {
		return ""
	}
	a.due = &state.Finished{Digest: once.Digest, Data: a.neededData()}
	if done, err := a.folder.Finished(); err == nil && done.Same(*a.due) {
		return fmt.Sprintf("nothing that it reads has changed since %s, and the data is the same", done.Time.UTC().Format(time.RFC3339))
	}
	return ""
}

// neededData is which data the services have that the job needs.
func (a *agent) neededData() map[string]string {
	data := map[string]string{}
	for _, name := range a.Service.Needs() {
		if status, err := a.State.Service(name).Status(); err == nil && status.Data != "" {
			data[name] = status.Data
		}
	}
	return data
}

// skip completes the job without running it.
func (a *agent) skip(why string) {
	a.log.Note(fmt.Sprintf("%s is skipped: %s", a.Service.Name, why))
	a.status.Skipped, a.status.LastExit = why, &state.Exit{Time: time.Now()}
	a.status.Phase, a.status.Health = state.Exited, state.Done
	a.prove()
	a.publish()
}

// noteDone: the work that was due is done.
func (a *agent) noteDone(when time.Time) {
	if a.due == nil {
		return
	}
	a.due.Time = when
	if err := a.folder.WriteFinished(*a.due); err != nil {
		a.log.Note(err.Error())
	}
}

// learnData has the data's identity in the status: a new one where the data is new.
func (a *agent) learnData() error {
	if len(a.data) == 0 {
		return nil
	}
	data, err := a.folder.Data()
	if a.fresh || err != nil {
		if err := a.folder.NewData(); err != nil {
			return err
		}
		data, err = a.folder.Data()
	}
	a.status.Data = data
	return err
}
