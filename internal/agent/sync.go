package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/state"
)

// readSource is the project's own code as it lies in the container now: the files of root, and those that the service
// may change as they came, whatever it has made of them.
func (a *agent) readSource() (tree.Tree, error) {
	found, err := tree.Read(a.Service.Source.Path, func(_ string, info fs.FileInfo) bool { return !ownedByRoot(info) })
	if err != nil {
		return nil, err
	}
	maps.Copy(found, a.mutable)
	return found, nil
}

// source answers with it, beside the loop.
func (a *agent) source(request state.Request) {
	if err := a.canSync(); err != nil {
		a.reply(request, nil, err)
		return
	}
	a.job = &job{request: request, run: func(context.Context, *child) (any, error) { return a.readSource() }}
	a.runJob()
}

func (a *agent) canSync() error {
	switch {
	case a.Service.Source == nil:
		return fmt.Errorf("%s is not made from the project's source", a.Service.Name)
	case os.Getuid() != 0:
		return errors.New("its agent is not root, which the source belongs to")
	}
	return nil
}

// sync changes the source, beside the loop.
func (a *agent) sync(request state.Request) {
	var change tree.Change
	if err := errors.Join(a.canSync(), json.Unmarshal(request.Args, &change)); err != nil {
		a.reply(request, nil, err)
		return
	}
	a.log.Note(fmt.Sprintf("source: %d files added, %d changed, %d deleted", len(change.Added), len(change.Changed), len(change.Deleted)))
	a.job = &job{request: request, run: func(context.Context, *child) (any, error) {
		return nil, a.applySource(change)
	}}
	a.runJob()
}

// applySource makes a change of the source with the rights that openSource gives.
func (a *agent) applySource(change tree.Change) error {
	source, incoming := a.Service.Source, a.folder.Incoming()
	patterns := source.Mutable
	if source.Writable {
		patterns = []string{"**"}
	}
	mutable, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	for _, name := range change.Deleted {
		delete(a.mutable, name)
	}
	return tree.Apply(source.Path, incoming, change, func(root *os.Root, at, name string, info fs.FileInfo) error {
		switch {
		case source.Writable && info.IsDir():
			return root.Lchown(at, a.user.UID, a.user.GID)
		case !source.Writable && !source.Scratch:
			return nil
		case info.IsDir():
			return root.Chmod(at, sticky)
		}
		match, err := mutable.MatchesOrParentMatches(name)
		if err != nil || !match {
			return err
		}
		if a.mutable[name], err = tree.Look(filepath.Join(incoming, name), info); err != nil {
			return err
		}
		return root.Lchown(at, a.user.UID, a.user.GID)
	})
}
