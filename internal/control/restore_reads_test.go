package control_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"

	. "dagger/stack/internal/control"
)

// The copy of every service in a backup is read before the first is replaced; and services whose files are called the same keep their own.
func TestRestoreReadsAllFirst(t *testing.T) {
	w := newWorld(t)
	w.run("a", "b")
	var asked []string
	var mu sync.Mutex
	sound := false
	for _, name := range []string{"a", "b"} {
		status := healthy(name)
		status.Backup = true
		w.agent(status)
		service := w.State.Service(name)
		server, err := socket.Listen(service, "1")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		go func() {
			for request := range server.Requests {
				request.Take()
				mu.Lock()
				asked = append(asked, request.Verb+" "+name)
				mu.Unlock()
				switch {
				case request.Verb == protocol.VerbDump:
					data := []byte("of " + name)
					err := os.WriteFile(filepath.Join(service.Exchange(), "data"), data, 0o600)
					request.Reply(protocol.DumpResult{File: "data", SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Notes: []string{"left out: x"}}, err)
				case request.Verb == protocol.VerbCheckDump && name == "b" && !sound:
					request.Reply(nil, errors.New("the backup cannot be read"))
				default:
					request.Reply(protocol.RestoreNotes{Notes: []string{"new"}}, nil)
				}
			}
		}()
	}
	var notes []string
	file := filepath.Join(t.TempDir(), "backup.tar")
	if err := w.Backup(context.Background(), file, func(note string) { notes = append(notes, note) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(notes, []string{"a: left out: x", "b: left out: x"}) {
		t.Errorf("notes %q", notes)
	}
	asked = nil
	restore := func() error {
		return w.Restore(context.Background(), file, func(r RestoreResult) { notes = append(notes, r.Service+" "+r.Notes[0]) })
	}
	if err := restore(); err == nil || !strings.Contains(err.Error(), "restore b: the backup cannot be read") {
		t.Errorf("a copy that cannot be read: %v", err)
	}
	if want := []string{"check-dump a", "check-dump b"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	sound, notes = true, nil
	if err := restore(); err != nil || !slices.Equal(notes, []string{"a new", "b new"}) {
		t.Errorf("%v; %q", err, notes)
	}
}
