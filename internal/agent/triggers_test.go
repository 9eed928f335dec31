//go:build root

package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
)

// What a trigger brings is where the service's process sees it, also below its mounts, and the user's; the agent remembers it.
func TestTriggers(t *testing.T) {
	r, at := newContainer(t, contained(`echo begun; exec sleep 60`))
	r.Service.Process.User, r.Service.Process.Root = "1234:1235", false
	r.Service.Process.Workdir = at("app")
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: at("app/volume")}}
	r.Service.Triggers = []spec.Trigger{
		{Action: spec.TriggerSyncExec, Path: "src", Target: at("app"), Exec: &spec.Command{Args: []string{"sh", "-c", "cat main; id -u; cat volume/deep/x"}}},
		{Action: spec.TriggerSync, Path: "conf.json", Target: at("etc") + "/"},
		{Action: spec.TriggerRebuild, Path: "package.json"},
	}
	r.prepare("mkdir -p app; echo old >app/main; echo gone >app/gone; ln -s /etc/hostname app/link; mkdir elsewhere; ln -s $PWD/elsewhere app/linked; chmod -R o+rx .")
	r.start()
	r.until("begun", func() bool { return strings.Contains(r.logs(), "begun") })

	ask := func(verb string, args, value any) error {
		return socket.Ask(context.Background(), r.folder, verb, args, value, 20*time.Second)
	}
	everything := protocol.WatchedArgs{At: [][]string{{"."}, {"."}, {"."}}}
	var was []tree.Tree
	if err := ask(protocol.VerbWatched, everything, &was); err != nil || len(was) != 3 || was[0] != nil || was[2] != nil {
		t.Errorf("before anything was brought: %v %v", was, err)
	}
	put := func(name, text string) {
		t.Helper()
		path := filepath.Join(r.folder.Incoming(), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	put("0/main", "new\n")
	put("0/volume/deep/x", "in the volume\n")
	put("0/link", "a file now\n")
	put("0/linked/x", "behind a link\n")
	put("1/file", "{}")
	err := ask(protocol.VerbBring, []protocol.WatchedChange{
		{Trigger: 0, Change: tree.Change{Added: []string{"volume/deep/x", "linked/x"}, Changed: []string{"main", "link"}, Deleted: []string{"gone"}}, Now: tree.Tree{"main": "1", "volume/deep/x": "1", "link": "1"}, Gone: []string{"gone"}},
		{Trigger: 1, Change: tree.Change{Added: []string{"."}}, Now: tree.Tree{".": "1"}},
		{Trigger: 2, Now: tree.Tree{".": "2"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"app/main": "new\n", "app/link": "a file now\n", "etc/conf.json": "{}", "stack/volumes/v/data/deep/x": "in the volume\n", "elsewhere/x": "behind a link\n"} {
		text, err := os.ReadFile(at(name))
		info, statErr := os.Stat(at(name))
		if err != nil || statErr != nil || string(text) != want || info.Sys().(*syscall.Stat_t).Uid != 1234 || info.Mode() != 0o644 {
			t.Errorf("%s: %q %v %v", name, text, err, info)
		}
	}
	if _, err := os.Lstat(at("app/gone")); err == nil {
		t.Error("what was deleted is still there")
	}
	r.until("the command has run", func() bool { return strings.Contains(r.logs(), "new\n1234\nin the volume") })
	if err := ask(protocol.VerbWatched, protocol.WatchedArgs{At: [][]string{{"volume", "none"}, {}, {"."}}}, &was); err != nil ||
		len(was[0]) != 1 || was[0]["volume/deep/x"] != "1" || was[1] == nil || len(was[1]) != 0 || was[2]["."] != "2" {
		t.Errorf("what was brought: %v %v", was, err)
	}
	if err := ask(protocol.VerbBring, []protocol.WatchedChange{{Trigger: 3}}, nil); err == nil {
		t.Error("a trigger that there is not is no error")
	}
}

// A service that has ended gets its files as well: they may be what it ended for. Nothing leads out of the container.
func TestTriggersOfNoProcess(t *testing.T) {
	r, at := newContainer(t, contained(`echo begun`))
	r.Service.Triggers = []spec.Trigger{
		{Action: spec.TriggerSync, Path: "src", Target: at("app")}, {Action: spec.TriggerSync, Path: "src", Target: at("stack/secrets")},
	}
	r.start().said()
	put := func(name string) {
		t.Helper()
		path := filepath.Join(r.folder.Incoming(), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("new"), 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	put("0/main")
	put("1/main")
	bring := func(trigger int) error {
		change := []protocol.WatchedChange{{Trigger: trigger, Change: tree.Change{Added: []string{"main"}}, Now: tree.Tree{"main": "1"}}}
		return socket.Ask(context.Background(), r.folder, protocol.VerbBring, change, nil, 20*time.Second)
	}
	if err := bring(0); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(at("app/main")); err != nil || string(text) != "new" {
		t.Errorf("%q %v", text, err)
	}
	if err := bring(1); err == nil || !strings.Contains(err.Error(), "is the stack's own") {
		t.Errorf("into the agent's files: %v", err)
	}
}

// A service whose script starts a development server is known to see its mounted files change.
func TestReloadsByScript(t *testing.T) {
	for script, want := range map[string]bool{"nodemon server.js": true, "node server.js": false} {
		r, at := newContainer(t, contained(`echo begun; exec sleep 60`))
		r.Service.Process.Command = append(r.Service.Process.Command, "npm", "start")
		r.Service.Process.Workdir = at("app")
		r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountBind, Source: ".", Target: at("app")}}
		r.prepare(`mkdir -p app stack/binds/0; echo '{"scripts": {"start": "` + script + `"}}' >stack/binds/0/package.json`)
		r.start()
		r.untilHealthy()
		if got := r.status().Reloads; got != want {
			t.Errorf("%s: %v", script, got)
		}
	}
}
