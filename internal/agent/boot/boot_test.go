package boot

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// initArg is what package process, which imports this one, starts the binary with between fork and exec.
const initArg = "exec"

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
		if len(args) > 0 && args[0] == initArg {
			none, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer none.Close()
			cmd.ExtraFiles = []*os.File{none, none} // no order, and nobody whom to tell so
		}
		if len(args) > 0 {
			cmd.Env = append(cmd.Env, "GODEBUG=inittrace=1")
		}
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("%s %v: no error; it says %s", path, args, out)
		}
		return string(out)
	}
	if out := run(binary); out != Name+": want a command\n" {
		t.Errorf("as the agent it says %q", out)
	}
	const large = "init github.com/santhosh-tekuri/jsonschema/" // the package that takes most time
	if out := run(binary, "no-such"); !strings.HasSuffix(out, Name+": no command \"no-such\"\n") || !strings.Contains(out, large) {
		t.Errorf("as the agent it says %q", out)
	}
	if out := run(binary, initArg); strings.Contains(out, large) || !strings.Contains(out, "init golang.org/x/sys/unix ") {
		t.Errorf("the init of a command begins after packages that it does not need: %q", out)
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
