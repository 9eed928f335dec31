package boot

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOrder runs the module's real binary where there is no session: under the agent's name it must come as far as
// its own commands, and under another it must not, or the test would prove nothing.
func TestOrder(t *testing.T) {
	binary := filepath.Join(t.TempDir(), Name)
	build := exec.Command("go", "build", "-o", binary, "dagger/stack")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := func(path string, args ...string) string {
		cmd := exec.Command(path, args...)
		cmd.Env = []string{"PATH=/usr/bin"}
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("%s %v: no error; it says %s", path, args, out)
		}
		return string(out)
	}
	if out := run(binary); out != Name+": want a command\n" {
		t.Errorf("as the agent it says %q", out)
	}
	if out := run(binary, "no-such"); out != Name+": no command \"no-such\"\n" {
		t.Errorf("as the agent it says %q", out)
	}
	other := filepath.Join(filepath.Dir(binary), "runtime")
	if err := os.Link(binary, other); err != nil {
		t.Fatal(err)
	}
	if out := run(other); !strings.Contains(out, "DAGGER_SESSION_PORT is not set") {
		t.Errorf("as a function without a session it says %q", out)
	}
}

func TestEnvironHasNoSession(t *testing.T) {
	t.Setenv(sessionPort, "1234")
	t.Setenv(sessionToken, "secret")
	t.Setenv("KEPT", "yes")
	env := strings.Join(Environ(), "\n")
	if strings.Contains(env, "DAGGER_SESSION") || !strings.Contains(env, "KEPT=yes") {
		t.Error(env)
	}
}
