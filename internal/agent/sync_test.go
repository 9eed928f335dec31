//go:build root

package agent

import (
	"context"
	"io/fs"
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

// The source changes under a running service; what is the service's own stays, and rights are as from the build.
func TestSync(t *testing.T) {
	r := newTest(t, script(`echo mine > cache; echo {} > tsconfig.json; echo begun; exec sleep 60`))
	source := filepath.Join(filepath.Dir(r.State), "app")
	for name, text := range map[string]string{"main.py": "1", "gone/old.py": "1", "tsconfig.json": "as it came"} {
		os.MkdirAll(filepath.Dir(filepath.Join(source, name)), 0o755)
		os.WriteFile(filepath.Join(source, name), []byte(text), 0o644)
	}
	r.Service.Process.Workdir = source
	r.Service.Source = &spec.Source{Path: source, Scratch: true, Mutable: []string{"**/tsconfig.json"}}
	r.start()
	r.until("begun", func() bool { return strings.Contains(r.logs(), "begun") })
	r.untilHealthy()

	next := filepath.Join(filepath.Dir(r.State), "next")
	sync := func(files map[string]string) tree.Change {
		t.Helper()
		os.RemoveAll(next)
		for name, text := range files {
			os.MkdirAll(filepath.Dir(filepath.Join(next, name)), 0o755)
			os.WriteFile(filepath.Join(next, name), []byte(text), 0o644)
		}
		var running tree.Tree
		if err := socket.Ask(context.Background(), r.folder, protocol.VerbSource, protocol.SourceArgs{At: []string{"."}}, &running, 20*time.Second); err != nil {
			t.Fatal(err)
		}
		wanted, err := tree.Read(next, func(string, fs.FileInfo) bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		change := tree.Diff(running, wanted)
		os.MkdirAll(r.folder.Incoming(), 0o700)
		if err := tree.Apply(r.folder.Incoming(), next, tree.Change{Added: change.Written()}, nil); err != nil {
			t.Fatal(err)
		}
		if err := socket.Ask(context.Background(), r.folder, protocol.VerbSync, change, nil, 20*time.Second); err != nil {
			t.Fatal(err)
		}
		return change
	}
	same := map[string]string{"main.py": "1", "gone/old.py": "1", "tsconfig.json": "as it came"}
	if change := sync(same); len(change.All()) != 0 {
		t.Errorf("an unchanged source: %+v", change)
	}
	edited := map[string]string{"main.py": "2", "new/deep/x.py": "1", "tsconfig.json": "edited"}
	sync(edited)
	if change := sync(edited); len(change.All()) != 0 {
		t.Errorf("synced again: %+v", change)
	}
	var some tree.Tree
	at := protocol.SourceArgs{At: []string{"new", "tsconfig.json", "gone", "main.py/none"}}
	if err := socket.Ask(context.Background(), r.folder, protocol.VerbSource, at, &some, 20*time.Second); err != nil || len(some) != 2 ||
		some["new/deep/x.py"] == "" || some["tsconfig.json"] == "" {
		t.Errorf("at %q: %v %v", at.At, some, err)
	}
	for name, want := range map[string]struct {
		text string
		root bool
	}{"main.py": {"2", true}, "new/deep/x.py": {"1", true}, "tsconfig.json": {"edited", false}, "cache": {"mine\n", false}} {
		text, err := os.ReadFile(filepath.Join(source, name))
		info, statErr := os.Stat(filepath.Join(source, name))
		if err != nil || statErr != nil || string(text) != want.text || (info.Sys().(*syscall.Stat_t).Uid == 0) != want.root {
			t.Errorf("%s: %q %v %+v", name, text, err, info)
		}
	}
	if _, err := os.Stat(filepath.Join(source, "gone")); err == nil {
		t.Error("what was deleted is still there")
	}
	if info, err := os.Stat(filepath.Join(source, "new/deep")); err != nil || info.Mode()&os.ModeSticky == 0 {
		t.Errorf("the service cannot create files in a new folder: %v %v", info, err)
	}
	if !strings.Contains(r.logs(), "[stack] source: 1 files added, 2 changed, 1 deleted") {
		t.Errorf("log: %s", r.logs())
	}
}

func TestSyncWithoutSource(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	if err := r.ask(protocol.VerbSource, nil); err == nil || err.Error() != "thing is not made from the project's source" {
		t.Error(err)
	}
}
