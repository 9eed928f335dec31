package control_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dagger/stack/internal/state"

	. "dagger/stack/internal/control"
)

func TestReset(t *testing.T) {
	w := newWorld(t)
	w.run("redis")
	data := t.TempDir()
	os.WriteFile(filepath.Join(data, "dump.rdb"), []byte("data"), 0o600)
	reset := func(confirm string) error {
		_, err := w.Reset(t.Context(), ResetRequest{Confirm: confirm, Data: []string{data}})
		return err
	}
	wantError(t, "without a name", reset(""), "confirm with --confirm shop")
	wantError(t, "another name", reset("other"), "confirm with --confirm shop")
	status := healthy("redis")
	status.Volumes = []string{"redis"}
	end := w.agent(status)
	wantError(t, "while it runs", reset("shop"), `stack "shop" is running (redis): end it first with dagger call --name shop stop`)
	if volumes, err := w.Volumes(); err != nil || !slices.Equal(volumes, []string{"redis"}) {
		t.Errorf("volumes %q %v", volumes, err)
	}
	end()
	lock, err := state.LockFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "the data is in use", reset("shop"), "is in use: nothing was dropped from it")
	if _, err := os.Stat(filepath.Join(data, "dump.rdb")); err != nil {
		t.Error(err)
	}
	lock.Close()
	if err := reset("shop"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{data, w.State.Root()} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("left in %s: %v %v", dir, entries, err)
		}
	}
}
