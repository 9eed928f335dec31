package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	securejoin "github.com/cyphar/filepath-securejoin"
	"github.com/moby/patternmatcher"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/dockerfile"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// triggered is what has changed at the path of one of a service's triggers.
type triggered struct {
	spec.Trigger
	protocol.WatchedChange
	from  string // where the Path is
	first bool   // nobody has looked at it before in the life of the container
}

// ephemeral are files of editors, which are there for a moment.
var ephemeral = []string{
	"**/*~", "**/.#*", "**/.*.sw[a-z]", "**/4913", "**/.*.kate-swp", "**/.goutputstream-*", "**/___jb_tmp___", "**/___jb_old___", "**/.git",
}

// triggers finds out what has changed for each of a service's triggers.
func (e edit) triggers(ctx context.Context, r SyncRequest, timeout time.Duration) (all []triggered, err error) {
	at := r.Triggers[e.service.Name]
	if len(at) == 0 {
		return nil, nil
	}
	var was []tree.Tree
	if err := socket.Ask(ctx, e.service, protocol.VerbWatched, protocol.WatchedArgs{At: at}, &was, timeout); err != nil {
		return nil, fmt.Errorf("%s: %w", e.service.Name, noAnswer(err, timeout))
	}
	for i, trigger := range e.status.Triggers {
		if i >= min(len(at), len(was)) || len(at[i]) == 0 {
			continue
		}
		t := triggered{Trigger: trigger, first: was[i] == nil}
		t.WatchedChange.Trigger = i
		if t.from, err = securejoin.SecureJoin(r.Project, trigger.Path); err != nil {
			return nil, err
		}
		skip, err := skipped(r, e.status, trigger)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.service.Name, err)
		}
		if t.Now, err = tree.ReadAt(t.from, at[i], skip); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", e.service.Name, trigger.Path, err)
		}
		if whole := slices.Contains(at[i], "."); !t.first || !whole || trigger.Initial && trigger.Syncs() {
			t.Change = tree.Diff(was[i], t.Now)
			t.Gone = t.Change.Deleted
		}
		all = append(all, t)
	}
	return all, nil
}

// skipped tells which files and folders below a trigger's Path do not count: what is not included or is ignored, also by the
// .dockerignore of the service's image.
func skipped(r SyncRequest, s state.Status, t spec.Trigger) (func(string, fs.FileInfo) bool, error) {
	ignore, err := patternmatcher.New(slices.Concat(ephemeral, t.Ignore))
	if err != nil {
		return nil, err
	}
	include, err := patternmatcher.New(t.Include)
	if err != nil {
		return nil, err
	}
	unbuilt := func(string) bool { return false }
	if s.From != nil && s.From.Dir != "" {
		patterns, err := dockerfile.Ignored(os.DirFS(r.Project), path.Clean(s.From.Dir), s.From.Dockerfile)
		if err != nil {
			return nil, err
		}
		matcher, err := patternmatcher.New(patterns)
		if err != nil {
			return nil, err
		}
		unbuilt = func(name string) bool {
			name = below(s.From.Dir, name)
			return name != "" && name != "." && matches(matcher, name)
		}
	}
	return func(name string, info fs.FileInfo) bool {
		if info.IsDir() {
			return len(ignore.Patterns()) > 0 && !ignore.Exclusions() && matches(ignore, name)
		}
		return matches(ignore, name) || unbuilt(path.Join(t.Path, name)) || len(t.Include) > 0 && !matches(include, name)
	}, nil
}

func matches(m *patternmatcher.PatternMatcher, name string) bool {
	is, err := m.MatchesOrParentMatches(name)
	return err == nil && is
}

// due is the build that triggers ask for, nil if there is none or the same has failed already.
func (e edit) due(r SyncRequest) *Build {
	now, changed := tree.Tree{}, []string{}
	for _, t := range e.triggered {
		if t.Action != spec.TriggerRebuild {
			continue
		}
		for name, said := range t.Now {
			now[path.Join(t.Path, name)] = said
		}
		changed = append(changed, t.Change.All()...)
	}
	build := &Build{From: e.status.From, Digest: now.Digest()}
	if len(changed) == 0 || r.Failed[e.service.Name] == build.Digest {
		return nil
	}
	return build
}

// act brings what the triggers bring, and adds it to the result. restart tells whether one of them restarts the service.
func (e edit) act(ctx context.Context, timeout time.Duration, result *SyncResult) (restart bool, err error) {
	var changes []protocol.WatchedChange
	for _, t := range e.triggered {
		if t.Action == spec.TriggerRebuild && !t.first && e.built == nil || !t.first && len(t.Change.All()) == 0 {
			continue
		}
		changes = append(changes, t.WatchedChange)
		if len(t.Change.All()) == 0 || t.Action == spec.TriggerRebuild && t.first {
			continue
		}
		t.tell(result)
		restart = restart || t.Restarts()
	}
	if len(changes) == 0 {
		return false, nil
	}
	defer os.RemoveAll(e.service.Incoming())
	if err := e.handTriggered(); err != nil {
		return false, fmt.Errorf("%s: %w", e.service.Name, err)
	}
	if err := socket.Ask(ctx, e.service, protocol.VerbBring, changes, nil, timeout); err != nil {
		return false, fmt.Errorf("%s: %w", e.service.Name, noAnswer(err, timeout))
	}
	return restart, nil
}

// tell adds what has changed to a result, by paths of the project.
func (t triggered) tell(result *SyncResult) {
	for _, list := range []struct {
		to    *[]string
		names []string
	}{{&result.Changed, t.Change.Changed}, {&result.Added, t.Change.Added}, {&result.Deleted, t.Change.Deleted}} {
		for _, name := range list.names {
			if name = path.Join(t.Path, name); !slices.Contains(*list.to, name) {
				*list.to = append(*list.to, name)
			}
		}
	}
	if t.Exec != nil {
		result.Ran = append(result.Ran, strings.Join(t.Exec.Args, " "))
	}
}

// handTriggered puts the new files where the service's agent finds them.
func (e edit) handTriggered() error {
	incoming := e.service.Incoming()
	if err := errors.Join(os.RemoveAll(incoming), os.MkdirAll(incoming, 0o700)); err != nil {
		return err
	}
	for _, t := range e.triggered {
		if t.Syncs() {
			if err := t.handOver(filepath.Join(incoming, strconv.Itoa(t.WatchedChange.Trigger))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t triggered) handOver(to string) error {
	if err := os.Mkdir(to, 0o700); err != nil || len(t.Change.Written()) == 0 {
		return err
	}
	if file := t.Now["."] != ""; !file {
		return tree.Apply(to, t.from, tree.Change{Added: t.Change.Written()}, nil)
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer root.Close()
	from, err := os.OpenRoot(filepath.Dir(t.from))
	if err != nil {
		return err
	}
	defer from.Close()
	return tree.ApplyIn(root, from, tree.Change{Added: []string{protocol.TheFile}}, tree.How{Named: func(string) string { return filepath.Base(t.from) }})
}
