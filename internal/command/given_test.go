package command

import (
	"os"
	"path/filepath"
	"testing"

	"dagger/stack/internal/layout"
)

// A text that came in a variable is a file from then on, for root alone, and no process after this one has the variable.
func TestGiven(t *testing.T) {
	file := filepath.Join(t.TempDir(), filepath.Base(layout.Spec))
	name := layout.Variable(file)
	t.Setenv(name, `{"name":"web"}`)
	for _, from := range []string{"the variable", "the file"} {
		if text, err := given(file); err != nil || string(text) != `{"name":"web"}` {
			t.Errorf("from %s: %q, %v", from, text, err)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if value, is := os.LookupEnv(name); is {
		t.Errorf("%s is still there: %s", name, value)
	}
	if _, err := given(file + ".missing"); err == nil {
		t.Error("what nobody has given is there")
	}
}
