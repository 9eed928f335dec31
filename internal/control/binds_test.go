//go:build root

package control

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"dagger/stack/internal/agent/volume"
)

// put writes a file of the project; "" removes what is there.
func put(t *testing.T, path, text string) {
	t.Helper()
	err := os.RemoveAll(path)
	if text != "" {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What changed on the host is told of each service that has it mounted, also where another service's mount brought it.
func TestBringBinds(t *testing.T) {
	r := SyncRequest{Project: t.TempDir(), Volume: t.TempDir(), Binds: map[string][]string{"all": {"."}, "src": {"src", "conf"}}}
	at := func(name string) string { return filepath.Join(r.Project, name) }
	put(t, at("src/main"), "1")
	put(t, at("src/own"), "1")
	put(t, at("conf"), "1")
	if _, err := bring(r); err != nil {
		t.Fatal(err)
	}
	put(t, at("src/main"), "2")
	put(t, at("src/own"), "2")
	put(t, at("src/new"), "2")
	put(t, at("conf"), "2")
	inStack := func(name string) string { return volume.At(r.Volume).Path(name) }
	put(t, inStack("src/own"), "3")
	brought, err := bring(r)
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]SyncResult{
		"all": {Changed: []string{"conf", "src/main"}, Added: []string{"src/new"}, Kept: []string{"src/own"}},
		"src": {Changed: []string{"src/main", "conf"}, Added: []string{"src/new"}, Kept: []string{"src/own"}},
	} {
		var got SyncResult
		mounted(&got, r.Binds[service], brought)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", service, got, want)
		}
	}
	for name, want := range map[string]string{"src/main": "2", "src/own": "3", "src/new": "2", "conf": "2"} {
		if text, err := os.ReadFile(inStack(name)); err != nil || string(text) != want {
			t.Errorf("%s: %s %v", name, text, err)
		}
	}

	// What is mounted as a file cannot become a folder, and then nothing is brought.
	put(t, at("src/main"), "4")
	put(t, at("conf"), "")
	if _, err := bring(r); err == nil || !strings.HasPrefix(err.Error(), "src: conf was a file when the stack was started and is none now, nothing was synced") {
		t.Error(err)
	}
	if text, _ := os.ReadFile(inStack("src/main")); string(text) != "2" {
		t.Errorf("after the refusal: %s", text)
	}
}
