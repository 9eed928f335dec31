//go:build root

package agent

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// A build is put in place while the service is stopped: packages, program and source at once. What the service keeps stays.
func TestInstall(t *testing.T) {
	r := newTest(t, script(`echo "$(cat main.py) $(cat ../venv/package)"; exec sleep 60`))
	dir := filepath.Dir(r.State)
	write := func(folder, name, text string, uid int) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Lchown(filepath.Dir(path), uid, uid), os.WriteFile(path, []byte(text), 0o644), os.Lchown(path, uid, uid)); err != nil {
			t.Fatal(err)
		}
	}
	source, user := filepath.Join(dir, "app"), 1000
	write(source, "main.py", "old", 0)
	write(source, "requirements.txt", "old", 0)
	write(dir, "venv/package", "old", user)
	write(dir, "venv/lib/gone", "old", user)
	write(source, "data/kept", "the service's", user)
	r.Service.Process.Workdir = source
	r.Service.Source = &spec.Source{Path: source}
	r.start()
	r.until("it runs what was built first", func() bool { return strings.Contains(r.logs(), "old old") })
	r.untilHealthy()

	built, incoming := r.folder.Built(), r.folder.Incoming()
	write(filepath.Join(built, dir), "venv/package", "new", user)
	write(filepath.Join(built, dir), "app/node_modules/x", "new", user)
	if err := os.Lchown(filepath.Join(built, source), 0, 0); err != nil {
		t.Fatal(err)
	}
	write(incoming, "main.py", "new", 0)
	args := protocol.InstallArgs{
		Change:   tree.Change{Changed: []string{"main.py"}, Deleted: []string{"requirements.txt"}},
		Products: []spec.Product{{Path: filepath.Join(dir, "venv")}, {Path: source}},
	}
	var restart protocol.RestartResult
	if err := socket.Ask(context.Background(), r.folder, protocol.VerbInstall, args, &restart, time.Minute); err != nil {
		t.Fatal(err)
	}
	if restart.OldPID == 0 || restart.NewPID == 0 || restart.OldPID == restart.NewPID {
		t.Errorf("restart: %+v", restart)
	}
	r.until("it runs what was built then", func() bool { return strings.Contains(r.logs(), "new new") })
	for path, there := range map[string]bool{
		"venv/lib/gone": false, "app/requirements.txt": false, "app/node_modules/x": true, "app/data/kept": true,
	} {
		if _, err := os.Stat(filepath.Join(dir, path)); (err == nil) != there {
			t.Errorf("%s is there: %v", path, !there)
		}
	}
}

func TestSyncWithoutSource(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	if err := r.ask(protocol.VerbSource, nil); err == nil || err.Error() != "thing is not made from the project's source" {
		t.Error(err)
	}
}

// A link that leads to what is not in the container is named as soon as the service starts.
func TestAstrayLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("../shared", filepath.Join(dir, "shared")); err != nil {
		t.Fatal(err)
	}
	service := script("exec sleep 60")
	service.Source = &spec.Source{Dir: "backend", Path: dir}
	r := newTest(t, service).start()
	r.untilHealthy()
	const want = "links of its source lead to where nothing is here, because only backend is in its container: shared -> ../shared"
	if notes := r.status().Notes; !slices.Contains(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
}
