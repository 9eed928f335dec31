//go:build root

package control

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// What of a trigger's path counts: what is included, not ignored, by the image's .dockerignore neither, and no file of an editor.
func TestSkipped(t *testing.T) {
	r := SyncRequest{Project: t.TempDir()}
	for _, name := range []string{
		"web/src/app.js", "web/src/app.css", "web/src/deep/x.js", "web/src/.app.js.swp", "web/src/app.js~", "web/src/node_modules/x/x.js", "web/src/x.log", "web/src/secret.js", "web/package.json",
	} {
		put(t, filepath.Join(r.Project, name), "1")
	}
	put(t, filepath.Join(r.Project, "web/.dockerignore"), "**/*.log\nsrc/secret.js\n")
	status := state.Status{From: &spec.From{Dir: "web", Dockerfile: "web/Dockerfile"}}
	for _, c := range []struct {
		trigger spec.Trigger
		at      []string
		want    []string
	}{
		{spec.Trigger{Path: "web/src", Ignore: []string{"node_modules/"}}, []string{"."}, []string{"app.css", "app.js", "deep/x.js"}},
		{spec.Trigger{Path: "web/src", Include: []string{"**/*.js"}, Ignore: []string{"node_modules"}}, []string{"."}, []string{"app.js", "deep/x.js"}},
		{spec.Trigger{Path: "web/src", Include: []string{"*.js"}}, []string{"app.js", "deep", "app.css", "none"}, []string{"app.js"}},
		{spec.Trigger{Path: "web/package.json"}, []string{"."}, []string{"."}},
		{spec.Trigger{Path: "web/none"}, []string{"."}, nil},
	} {
		skip, err := skipped(r, status, c.trigger)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tree.ReadAt(filepath.Join(r.Project, c.trigger.Path), c.at, skip)
		if names := slices.Sorted(maps.Keys(got)); err != nil || !slices.Equal(names, c.want) {
			t.Errorf("%+v at %q: %q %v, want %q", c.trigger, c.at, names, err, c.want)
		}
	}
}

// The files are handed over under their names, and one that is a trigger's path itself under another.
func TestHandOverTriggered(t *testing.T) {
	project, to := t.TempDir(), t.TempDir()
	put(t, filepath.Join(project, "src/deep/x"), "x")
	put(t, filepath.Join(project, "conf"), "c")
	for name, e := range map[string]triggered{
		"0": {from: filepath.Join(project, "src"), WatchedChange: protocol.WatchedChange{Change: tree.Change{Added: []string{"deep/x"}, Deleted: []string{"gone"}}, Now: tree.Tree{"deep/x": "1"}}},
		"1": {from: filepath.Join(project, "conf"), WatchedChange: protocol.WatchedChange{Change: tree.Change{Changed: []string{"."}}, Now: tree.Tree{".": "1"}}},
	} {
		if err := e.handOver(filepath.Join(to, name)); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{"0/deep/x": "x", "1/file": "c"} {
		if text, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(text) != want {
			t.Errorf("%s: %q %v", name, text, err)
		}
	}
}

// A build is due when the files of a rebuild are others, and not again for the same after it has failed.
func TestDue(t *testing.T) {
	of := func(action spec.TriggerAction, said string, changed ...string) triggered {
		return triggered{Trigger: spec.Trigger{Action: action, Path: "p"}, WatchedChange: protocol.WatchedChange{Change: tree.Change{Changed: changed}, Now: tree.Tree{"x": said}}}
	}
	e := edit{service: state.At(t.TempDir()).Service("web"), triggered: []triggered{of(spec.TriggerSync, "1", "x"), of(spec.TriggerRebuild, "1")}}
	var r SyncRequest
	if build := e.due(r); build != nil {
		t.Errorf("nothing that is built has changed: %+v", build)
	}
	e.triggered = []triggered{of(spec.TriggerRebuild, "2", "x")}
	build := e.due(r)
	if build == nil {
		t.Fatal("no build for a change")
	}
	r.Failed = map[string]string{"web": build.Digest}
	if again := e.due(r); again != nil {
		t.Errorf("built again: %+v", again)
	}
	e.triggered = []triggered{of(spec.TriggerRebuild, "3", "x")}
	if other := e.due(r); other == nil || other.Digest == build.Digest {
		t.Errorf("another change: %+v", other)
	}
}

// A trigger's files are told by their paths in the project, each once.
func TestTellTriggered(t *testing.T) {
	var got SyncResult
	for range 2 {
		triggered{
			Trigger:       spec.Trigger{Path: "web/src", Exec: &spec.Command{Args: []string{"npm", "run", "build"}}},
			WatchedChange: protocol.WatchedChange{Change: tree.Change{Added: []string{"a"}, Changed: []string{"b/c"}, Deleted: []string{"d"}}},
		}.tell(&got)
	}
	want := SyncResult{Added: []string{"web/src/a"}, Changed: []string{"web/src/b/c"}, Deleted: []string{"web/src/d"}, Ran: []string{"npm run build", "npm run build"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
