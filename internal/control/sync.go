package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// edit is what a sync does to one service.
type edit struct {
	service state.Service
	status  state.Status
	from    string
	change  tree.Change
}

// Editable are the running services that are made from the project's source: one of that name, or all if it is empty.
func (c Client) Editable(name string) (sources map[string]spec.Source, err error) {
	report, err := c.Report("")
	if err != nil {
		return nil, err
	}
	if name != "" {
		if _, err := c.running(name); err != nil {
			return nil, err
		}
	}
	sources = map[string]spec.Source{}
	for _, s := range report.Services {
		if (name == "" || s.Service == name) && s.Running && s.Source != nil {
			sources[s.Service] = *s.Source
		}
	}
	switch {
	case len(sources) == 0 && name != "":
		return nil, fmt.Errorf("%s is not made from source that can be put into it while it runs (it has a Dockerfile, or none of the project): start the stack anew for a change", name)
	case len(sources) == 0:
		return nil, errors.New("no service of the stack is made from source that can be put into it while it runs (each has a Dockerfile, or none of the project): start the stack anew for a change")
	}
	return sources, nil
}

// Sync changes the source of running services and restarts those that do not see it by themselves, and hands on each of
// both. What needs a build is found out for all of them before anything is changed.
func (c Client) Sync(ctx context.Context, r protocol.SyncRequest, synced func(protocol.SyncResult), restarted func(protocol.RestartResult)) error {
	timeout, err := parseTimeout(r.Timeout)
	if err != nil {
		return err
	}
	if r.Restart != "auto" && r.Restart != "always" && r.Restart != "never" {
		return invalid("restart %q: want auto, always or never", r.Restart)
	}
	all, err := c.choose("")
	if err != nil {
		return err
	}
	var edits []edit
	for _, name := range c.inOrder(all) {
		from, wanted := r.Folders[name]
		if !wanted {
			continue
		}
		e, err := compare(ctx, c.State.Service(name), from, timeout)
		if err != nil {
			return err
		}
		edits = append(edits, e)
	}
	for _, e := range edits {
		if err := e.apply(ctx, timeout, synced); err != nil {
			return err
		}
		if len(e.change.All()) == 0 || r.Restart == "never" || r.Restart == "auto" && e.status.Source.Reloads {
			continue
		}
		if err := c.restartOne(ctx, e.service.Name, timeout, false, restarted); err != nil {
			return err
		}
	}
	return nil
}

// compare finds out what is different, and refuses what only a build can bring.
func compare(ctx context.Context, service state.Service, from string, timeout time.Duration) (e edit, err error) {
	e = edit{service: service, from: from}
	if e.status, err = service.Status(); err != nil {
		return e, err
	}
	var running tree.Tree
	if err := socket.Ask(ctx, service, protocol.VerbSource, nil, &running, timeout); err != nil {
		return e, fmt.Errorf("%s: %w", service.Name, noAnswer(err, timeout))
	}
	wanted, err := tree.Read(from, func(string, fs.FileInfo) bool { return false })
	if err != nil {
		return e, fmt.Errorf("%s: %w", service.Name, err)
	}
	e.change = tree.Diff(running, wanted)
	inputs, err := e.change.Matching(e.status.Source.Inputs)
	if err == nil && len(inputs) > 0 {
		err = fmt.Errorf("%s: a change of %s takes a new build, nothing was synced: end the stack and start it anew with dagger call up",
			service.Name, protocol.Few(inputs))
	}
	return e, err
}

func (e edit) apply(ctx context.Context, timeout time.Duration, synced func(protocol.SyncResult)) error {
	if len(e.change.All()) > 0 {
		defer os.RemoveAll(e.service.Incoming())
		if err := e.handOver(); err != nil {
			return err
		}
		if err := socket.Ask(ctx, e.service, protocol.VerbSync, e.change, nil, timeout); err != nil {
			return fmt.Errorf("%s: %w", e.service.Name, noAnswer(err, timeout))
		}
	}
	synced(protocol.SyncResult{
		Service: e.service.Name, Changed: e.change.Changed, Added: e.change.Added, Deleted: e.change.Deleted, NotRun: e.status.Source.Whole,
	})
	return nil
}

// handOver puts the new files where the service's agent finds them.
func (e edit) handOver() error {
	incoming := e.service.Incoming()
	if err := errors.Join(os.RemoveAll(incoming), os.MkdirAll(incoming, 0o700)); err != nil {
		return err
	}
	return tree.Apply(incoming, e.from, tree.Change{Added: e.change.Written()}, nil)
}
