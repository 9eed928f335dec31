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

	securejoin "github.com/cyphar/filepath-securejoin"

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
	root, err := a.openContainer(beside, t.Target)
	if err != nil {
		return err
	}
	defer root.Close()
	from, err := os.OpenRoot(incoming)
	if err != nil {
		return err
	}
	defer from.Close()
	target, err := behindLinks(root, filepath.Clean(t.Target))
	if err != nil {
		return err
	}
	names := map[string]string{}
	how := tree.How{
		Named: func(at string) string { return names[at] },
		Own:   func(root *os.Root, at, _ string, _ fs.FileInfo) error { return root.Lchown(at, a.user.UID, a.user.GID) },
		Keeps: func(folder string) bool { return !strings.HasPrefix(folder, target+"/") },
	}
	placed := func(list []string) (at []string, err error) {
		for _, name := range list {
			there := t.Place(name)
			folder, err := behindLinks(root, filepath.Dir(there))
			if err != nil {
				return nil, err
			}
			there = filepath.Join(folder, filepath.Base(there))
			names[there], at = incomingName(name), append(at, there)
		}
		return at, nil
	}
	// What goes may be a link, which is not to be followed after that.
	gone, err := placed(change.Deleted)
	if err == nil {
		err = tree.ApplyIn(root, from, tree.Change{Deleted: gone}, how)
	}
	if err != nil {
		return err
	}
	written, err := placed(change.Written())
	if err != nil {
		return err
	}
	return tree.ApplyIn(root, from, tree.Change{Added: written}, how)
}

// incomingName is what a file is called on its way: one that is a trigger's Path itself needs a name.
func incomingName(name string) string {
	if name == "." {
		return protocol.TheFile
	}
	return name
}

// behindLinks is where a folder is as links of the container lead to it, which may be there or not: a path below the root.
func behindLinks(root *os.Root, folder string) (string, error) {
	at, err := securejoin.SecureJoinVFS("/", folder, container{root})
	return strings.TrimPrefix(at, "/"), err
}

// container is the files of one for who follows links.
type container struct{ root *os.Root }

func (c container) Lstat(name string) (fs.FileInfo, error) { return c.root.Lstat(below(name)) }
func (c container) Readlink(name string) (string, error)   { return c.root.Readlink(below(name)) }

// below is an absolute path as one below the root.
func below(name string) string { return filepath.Join(".", name) }

// openContainer is all that the service's process sees, for a change at a path. Without a process it is the container's, which nobody
// changes meanwhile.
func (a *agent) openContainer(beside *child, at string) (*os.Root, error) {
	if beside != nil {
		return beside.View()
	}
	if a.isolated() && !a.mountable(at) {
		return nil, fmt.Errorf("%s is the stack's own", at)
	}
	return os.OpenRoot("/")
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
