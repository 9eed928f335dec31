package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/agent/volume"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// edit is what a sync does to one service.
type edit struct {
	service state.Service
	status  state.Status
	from    string // its new source; empty: it has none
	change  tree.Change
	binds   []string
	built   *Built // from its new source, nil if nothing was

	triggered []triggered
}

// needsBuild is an edit that only a build can bring.
type needsBuild struct {
	build Build
	text  string
}

func (n needsBuild) Error() string { return n.text }

// teller hands on what has become of each service.
type teller struct {
	watching bool // only what has changed is told
	synced   func(SyncResult)
}

func (t teller) result(result SyncResult) {
	if !t.watching || !result.Same() {
		t.synced(result)
	}
}

// problem is the error of a service. Who watches is told of it, and goes on without what cannot be brought.
func (t teller) problem(service string, err error) error {
	if err == nil || !t.watching {
		return err
	}
	result := SyncResult{Service: service, Problem: err.Error(), Behind: true}
	var build needsBuild
	if errors.As(err, &build) {
		result.Build, result.Problem = &build.build, build.text
	}
	t.result(result)
	return nil
}

// Sync changes the source of running services and what they have mounted of the project, restarts those that do not see it by
// themselves, and hands on each of both. What needs a build, or a new start, is found out for all of them before anything is
// changed.
func (c Client) Sync(ctx context.Context, r SyncRequest, synced func(SyncResult), restarted func(protocol.RestartResult)) error {
	timeout, err := parseTimeout(r.Timeout)
	if err != nil {
		return err
	}
	if r.Restart != "auto" && r.Restart != "always" && r.Restart != "never" {
		return invalid("restart %q: want auto, always or never", r.Restart)
	}
	report, err := c.Report("") // an error if the stack has ended
	if err != nil {
		return err
	}
	tell := teller{watching: r.Watching, synced: synced}
	problem := tell.problem
	edits, err := c.edits(ctx, r, timeout, problem)
	if err != nil {
		return err
	}
	stale(report, r, tell.result)
	brought, err := bring(r)
	if err := problem("", err); err != nil {
		return err
	}
	for _, e := range edits {
		if err := problem(e.service.Name, c.one(ctx, r, e, brought, tell, restarted)); err != nil {
			return err
		}
	}
	return nil
}

// one changes one service.
func (c Client) one(ctx context.Context, r SyncRequest, e edit, brought map[string]volume.Brought, tell teller, restarted func(protocol.RestartResult)) error {
	timeout, err := parseTimeout(r.Timeout)
	if err != nil {
		return err
	}
	switch {
	case e.built != nil && e.built.Image:
		return e.replace(ctx, r, timeout, tell.result, restarted)
	case e.built != nil:
		return e.install(ctx, timeout, tell.result, restarted)
	}
	if err := e.apply(ctx, timeout); err != nil {
		return err
	}
	result := e.result()
	mounted(&result, e.binds, brought)
	restart := e.restarts(result, r.Restart)
	asked, err := e.act(ctx, timeout, &result)
	if err != nil {
		return err
	}
	tell.result(result)
	if build := e.due(r); build != nil {
		tell.result(SyncResult{Service: e.service.Name, Build: build, Problem: "its image is built anew"})
	}
	if !restart && (!asked || r.Restart == "never") {
		return nil
	}
	err = c.restartOne(ctx, e.service.Name, timeout, false, restarted)
	if err != nil && r.Watching {
		tell.result(SyncResult{Service: e.service.Name, Problem: err.Error()})
		return nil // its files are there
	}
	return err
}

// edits are what is to be done to each of the services, in the order of their needs. One with a problem is left out, unless the
// problem is an error.
func (c Client) edits(ctx context.Context, r SyncRequest, timeout time.Duration, problem func(string, error) error) (edits []edit, err error) {
	all, err := c.choose("")
	if err != nil {
		return nil, err
	}
	for _, name := range c.inOrder(all) {
		e := edit{service: c.State.Service(name), from: r.Folders[name], binds: r.Binds[name]}
		if e.from == "" && len(e.binds)+len(r.Triggers[name]) == 0 {
			continue
		}
		if built, is := r.Built[name]; is {
			e.built = &built
		}
		if e.status, err = e.service.Status(); err != nil {
			return nil, err
		}
		if e.from != "" {
			e, err = e.compare(ctx, r, timeout)
		}
		if err == nil {
			e.triggered, err = e.triggers(ctx, r, timeout)
		}
		if err != nil {
			if err := problem(name, err); err != nil {
				return nil, err
			}
			continue
		}
		edits = append(edits, e)
	}
	return edits, nil
}

// compare finds out what is different in the source, or at some paths of it, and refuses what only a build can bring.
func (e edit) compare(ctx context.Context, r SyncRequest, timeout time.Duration) (edit, error) {
	service, at := e.service, r.At[e.service.Name]
	var running tree.Tree
	if err := socket.Ask(ctx, service, protocol.VerbSource, protocol.SourceArgs{At: at}, &running, timeout); err != nil {
		return e, fmt.Errorf("%s: %w", service.Name, noAnswer(err, timeout))
	}
	wanted, err := tree.Read(e.from, func(string, fs.FileInfo) bool { return false })
	if err != nil {
		return e, fmt.Errorf("%s: %w", service.Name, err)
	}
	e.change = tree.Diff(running, wanted)
	if e.built != nil {
		return e, nil
	}
	source := *e.status.Source
	patterns := source.Inputs
	if r.Watching && len(source.Whole) > 0 {
		patterns = []string{"**"} // each edit is one of what was built
	}
	inputs, err := e.change.Matching(patterns)
	if err != nil || len(inputs) == 0 {
		return e, err
	}
	read, err := wanted.Only(patterns)
	if err != nil {
		return e, err
	}
	build := Build{Source: &source, Digest: read.Digest()}
	if r.Failed[e.service.Name] == build.Digest {
		e.change = e.change.Without(inputs) // they wait for an edit that can be built
		return e, nil
	}
	return e, needsBuild{build, fmt.Sprintf("%s: a change of %s takes a new build, nothing was synced: end the stack and start it anew with up, "+
		"or have watch build it", service.Name, protocol.Few(inputs))}
}

// apply changes the source.
func (e edit) apply(ctx context.Context, timeout time.Duration) error {
	if len(e.change.All()) == 0 {
		return nil
	}
	defer os.RemoveAll(e.service.Incoming())
	if err := e.handOver(); err != nil {
		return err
	}
	if err := socket.Ask(ctx, e.service, protocol.VerbSync, e.change, nil, timeout); err != nil {
		return fmt.Errorf("%s: %w", e.service.Name, noAnswer(err, timeout))
	}
	return nil
}

// result is what has become of the source.
func (e edit) result() SyncResult {
	result := SyncResult{Service: e.service.Name, Changed: e.change.Changed, Added: e.change.Added, Deleted: e.change.Deleted}
	result.Built = e.built != nil
	if e.status.Source != nil && !result.Built {
		result.NotRun = e.status.Source.Whole
	}
	return result
}

// restarts tells whether the service is restarted for its new files. What does its work once does not do it again for them.
func (e edit) restarts(r SyncResult, restart string) bool {
	if len(r.Changed)+len(r.Added)+len(r.Deleted) == 0 || e.status.Mode == spec.ModeJob || e.status.Health == state.Done {
		return false
	}
	return restart == "always" || restart == "auto" && !e.status.Reloads
}

// handOver puts the new files where the service's agent finds them.
func (e edit) handOver() error {
	incoming := e.service.Incoming()
	if err := errors.Join(os.RemoveAll(incoming), os.MkdirAll(incoming, 0o700)); err != nil {
		return err
	}
	return tree.Apply(incoming, e.from, tree.Change{Added: e.change.Written()}, nil)
}
