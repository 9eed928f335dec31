package control

import (
	"errors"
	"fmt"

	"dagger/stack/internal/spec"
)

// SourcesRequest asks which services can be synced.
type SourcesRequest struct {
	Service  string // empty: all
	Watching bool   // what triggers bring counts, too
}

// Editable is what of a running service can be changed: its source, files and folders of the project that it has mounted, and what
// its triggers bring.
type Editable struct {
	Source   *spec.Source
	Binds    []string
	Triggers []spec.Trigger
	From     *spec.From // nil: its image was not built from a Dockerfile
}

// Editable are the running services that are made from the project's source or have files of the project mounted: one of that
// name, or all if it is empty.
func (c Client) Editable(r SourcesRequest) (editable map[string]Editable, err error) {
	report, err := c.Report("")
	if err != nil {
		return nil, err
	}
	name := r.Service
	if name != "" {
		if _, err := c.running(name); err != nil {
			return nil, err
		}
	}
	editable = map[string]Editable{}
	for _, s := range report.Services {
		e := Editable{Source: s.Source, Binds: s.Binds, From: s.From}
		if r.Watching {
			e.Triggers = s.Triggers
		}
		if (name == "" || s.Service == name) && s.Running && (e.Source != nil || len(e.Binds)+len(e.Triggers) > 0) {
			editable[s.Service] = e
		}
	}
	switch {
	case len(editable) == 0 && name != "":
		return nil, fmt.Errorf("%s has nothing of the project that can be changed while it runs (it is built from a Dockerfile or for production, or has no file of the project mounted): start the stack anew for a change", name)
	case len(editable) == 0:
		return nil, errors.New("no service of the stack has anything of the project that can be changed while it runs (each is built from a Dockerfile or for production, or has no file of the project mounted): start the stack anew for a change")
	}
	return editable, nil
}
