package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
)

// watched is what the project had at each trigger's path when it was brought last, nil if it never was. It lives as long as the
// container does, so that who watches next brings what was missed, and the next container, which has all of it, begins anew.
type watched []tree.Tree

// at are those at some paths or below them, by trigger.
func (w watched) at(paths [][]string) []tree.Tree {
	some := make([]tree.Tree, len(w))
	for i, all := range w {
		if all == nil || i >= len(paths) {
			continue
		}
		some[i] = tree.Tree{}
		for name, said := range all {
			if slices.ContainsFunc(paths[i], func(path string) bool {
				return path == "." || name == path || strings.HasPrefix(name, path+"/")
			}) {
				some[i][name] = said
			}
		}
	}
	return some
}

// add notes a change.
func (w watched) add(c protocol.WatchedChange) {
	if w[c.Trigger] == nil {
		w[c.Trigger] = tree.Tree{}
	}
	for _, name := range c.Gone {
		delete(w[c.Trigger], name)
	}
	maps.Copy(w[c.Trigger], c.Now)
}

// readWatched answers with what was brought.
func (a *agent) readWatched(request *socket.Request) {
	var args protocol.WatchedArgs
	if err := json.Unmarshal(request.Args, &args); err != nil {
		a.reply(request, nil, err)
		return
	}
	a.job = &job{request: request, run: func(context.Context, *child) (any, error) { return a.watched.at(args.At), nil }}
	a.runJob()
}

// bringWatched brings what has changed in the project into the container, and runs the commands that are to follow.
func (a *agent) bringWatched(request *socket.Request) {
	var changes []protocol.WatchedChange
	err := json.Unmarshal(request.Args, &changes)
	if err == nil && slices.ContainsFunc(changes, func(c protocol.WatchedChange) bool { return c.Trigger < 0 || c.Trigger >= len(a.watched) }) {
		err = errors.New("it is not watched like that: was the stack started by another version?")
	}
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	a.job = &job{request: request, run: func(ctx context.Context, beside *child) (any, error) {
		for _, c := range changes {
			t := a.Service.Triggers[c.Trigger]
			if t.Syncs() && len(c.Change.All()) > 0 {
				if err := a.place(beside, t, filepath.Join(a.folder.Incoming(), strconv.Itoa(c.Trigger)), c.Change); err != nil {
					return nil, err
				}
			}
			a.watched.add(c)
		}
		return nil, a.follow(ctx, beside, changes)
	}}
	a.runJob()
}

// follow runs the commands of triggers that have brought something.
func (a *agent) follow(ctx context.Context, beside *child, changes []protocol.WatchedChange) error {
	for _, c := range changes {
		command := a.Service.Triggers[c.Trigger].Exec
		if command == nil || len(c.Change.All()) == 0 {
			continue
		}
		if beside == nil {
			return fmt.Errorf("no process of it runs, so %s did not run, either", strings.Join(command.Args, " "))
		}
		if err := a.runCommand(ctx, beside, *command); err != nil {
			return err
		}
	}
	return nil
}

// place makes a change at a trigger's target. The files are the service's user's, as those that docker compose brings.
func (a *agent) place(beside *child, t spec.Trigger, incoming string, change tree.Change) error {
	folder, _ := t.Place(".")
	root, err := a.openContainer(beside, folder)
	if err != nil {
		return err
	}
	defer root.Close()
	from, err := os.OpenRoot(incoming)
	if err != nil {
		return err
	}
	defer from.Close()
	names := map[string]string{}
	placed := func(list []string) (at []string) {
		for _, name := range list {
			_, there := t.Place(name)
			names[there], at = name, append(at, there)
		}
		return at
	}
	change = tree.Change{Added: placed(change.Added), Changed: placed(change.Changed), Deleted: placed(change.Deleted)}
	return tree.ApplyIn(root, from, change, func(at string) string { return incomingName(names[at]) },
		func(root *os.Root, at, _ string, _ fs.FileInfo) error { return root.Lchown(at, a.user.UID, a.user.GID) })
}

// incomingName is what a file is called on its way: one that is a trigger's Path itself needs a name.
func incomingName(name string) string {
	if name == "." {
		return protocol.TheFile
	}
	return name
}

// openContainer is a folder as the service's process sees it. Without a process it is the container's, which nobody changes meanwhile.
func (a *agent) openContainer(beside *child, folder string) (all *os.Root, err error) {
	switch {
	case beside != nil:
		all, err = beside.View()
	case a.isolated() && !a.mountable(folder):
		err = fmt.Errorf("%s is the stack's own", folder)
	default:
		all, err = os.OpenRoot("/")
	}
	if err != nil {
		return nil, err
	}
	defer all.Close()
	inside := filepath.Join(".", folder)
	if err := all.MkdirAll(inside, 0o755); err != nil {
		return nil, err
	}
	return all.OpenRoot(inside)
}

// mostScript is more than a script has that says what is run.
const mostScript = 1 << 20

// learnReloads finds out whether the process sees by itself that the files have changed which it has mounted: its command may be a
// script that says so.
func (a *agent) learnReloads() {
	a.status.Reloads = a.Service.Process.Reloads
	if a.status.Reloads || len(a.status.Binds) == 0 || !a.isolated() {
		return
	}
	view, err := a.child.View()
	if err != nil {
		return
	}
	defer view.Close()
	a.status.Reloads = recipe.ReloadsBy(a.Service.Process.Command, func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(a.Service.Process.Workdir, name)
		}
		file, err := view.Open(strings.TrimPrefix(filepath.Clean(name), "/"))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return io.ReadAll(io.LimitReader(file, mostScript))
	})
}
