package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// SyncRequest asks for the source of running services to become that of Folders.
type SyncRequest struct {
	Folders map[string]string // by service, where its new source is
	Restart string            // auto, always or never
	Timeout string            // for each to become healthy
}

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

// Sync changes the source of running services and restarts those that do not see it by themselves. What needs a build
// is found out for all of them before anything is changed.
func (c Client) Sync(ctx context.Context, out io.Writer, r SyncRequest) error {
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
	for _, service := range inOrder(all) {
		from, wanted := r.Folders[service.Name]
		if !wanted {
			continue
		}
		e, err := c.compare(ctx, service, from, timeout)
		if err != nil {
			return err
		}
		edits = append(edits, e)
	}
	for _, e := range edits {
		if err := c.apply(ctx, out, e, r.Restart, timeout); err != nil {
			return err
		}
	}
	return nil
}

// compare finds out what is different, and refuses what only a build can bring.
func (c Client) compare(ctx context.Context, service state.Service, from string, timeout time.Duration) (e edit, err error) {
	e = edit{service: service, from: from}
	if e.status, err = service.Status(); err != nil {
		return e, err
	}
	var running tree.Tree
	if err := service.Ask(ctx, agent.VerbSource, nil, &running, timeout); err != nil {
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
			service.Name, few(inputs))
	}
	return e, err
}

func (c Client) apply(ctx context.Context, out io.Writer, e edit, restart string, timeout time.Duration) error {
	if len(e.change.All()) == 0 {
		fmt.Fprintf(out, "%s: nothing has changed\n", e.service.Name)
		return nil
	}
	if err := e.handOver(); err != nil {
		return err
	}
	defer os.RemoveAll(e.service.Incoming())
	if err := e.service.Ask(ctx, agent.VerbSync, e.change, nil, timeout); err != nil {
		return fmt.Errorf("%s: %w", e.service.Name, noAnswer(err, timeout))
	}
	fmt.Fprintf(out, "%s: %s\n", e.service.Name, e.summary())
	for _, command := range e.status.Source.Whole {
		fmt.Fprintf(out, "%s: not run again for it: %s\n", e.service.Name, command)
	}
	if restart == "never" || restart == "auto" && e.status.Source.Reloads {
		return nil
	}
	return c.restartOne(ctx, out, e.service, timeout, false)
}

// handOver puts the new files where the service's agent finds them.
func (e edit) handOver() error {
	incoming := e.service.Incoming()
	if err := os.RemoveAll(incoming); err != nil {
		return err
	}
	if err := os.MkdirAll(incoming, 0o700); err != nil {
		return err
	}
	return tree.Apply(incoming, e.from, tree.Change{Added: e.change.Written()}, nil)
}

func (e edit) summary() string {
	var parts []string
	for _, part := range []struct {
		names []string
		word  string
	}{{e.change.Changed, "changed"}, {e.change.Added, "added"}, {e.change.Deleted, "deleted"}} {
		if len(part.names) > 0 {
			parts = append(parts, few(part.names)+" "+part.word)
		}
	}
	return strings.Join(parts, "; ")
}

// few are the first names of a list and how many more there are.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
