package control

import (
	"testing"

	"dagger/stack/internal/state"
)

// Data that no backup takes is named.
func TestUncopied(t *testing.T) {
	t.Parallel()
	if got := uncopied(state.Status{Service: "web"}); got != "" {
		t.Errorf("without data: %q", got)
	}
	const want = "mysql: what it keeps on mysql, logs is not copied: the stack knows how to copy postgres and redis; its own program, or copy-from, can"
	if got := uncopied(state.Status{Service: "mysql", Volumes: []string{"mysql", "logs"}}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
