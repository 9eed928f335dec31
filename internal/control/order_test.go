package control

import (
	"strings"
	"testing"

	"dagger/stack/internal/state"
)

func TestOrderOfNeed(t *testing.T) {
	w := Client{State: state.At(t.TempDir())}
	says := func(name string, needs ...string) {
		t.Helper()
		service := w.State.Service(name)
		lock, err := service.Lock() // makes the folder
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Close()
		if err := service.WriteStatus(state.Status{Service: name, Needs: needs}); err != nil {
			t.Fatal(err)
		}
	}
	says("a", "c")
	says("b", "a")
	says("c")
	says("d", "c", "gone")
	all := []string{"b", "a", "d", "c"}
	if got := strings.Join(w.inOrder(all), ""); got != "cabd" {
		t.Errorf("in order: %s", got)
	}
	if got := strings.Join(w.following(all, "c", w.needs), ""); got != "abd" {
		t.Errorf("dependents of c: %s", got)
	}
	if got := strings.Join(w.following(all, "b", w.needs), ""); got != "" {
		t.Errorf("dependents of b: %s", got)
	}
	// Needs in a circle are nobody's to make, but they end.
	says("c", "b")
	if got := strings.Join(w.inOrder(all), ""); len(got) != 4 {
		t.Errorf("a circle: %s", got)
	}
}
