package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Another module builds on this one: see tests/consumer.
func TestConsumer(t *testing.T) {
	t.Parallel()
	module := filepath.Join(root, "tests/consumer")
	name := fmt.Sprintf("consumer-%x", time.Now().UnixNano()%0xfffff)
	r := dagger(t, module, "call", "--name", name, "all")
	if r.code != 0 || !strings.HasSuffix(r.stdout, "restart: ok\n") {
		t.Fatalf("exit code %d: %s\n%s", r.code, r.stdout, tail(r.stderr))
	}

	// It fails when the backend is sick, and says so.
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "tests/fixtures/plain"))); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(dir, "backend/main.py")
	text, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	sick := strings.Replace(string(text), `health = sys.argv[1] if len(sys.argv) > 1 else ""`, `health = "sick"`, 1)
	if sick == string(text) {
		t.Fatal("the fixture's backend cannot be made sick")
	}
	if err := os.WriteFile(main, []byte(sick), 0o644); err != nil {
		t.Fatal(err)
	}
	r = dagger(t, module, "call", "--name", name, "--project", dir, "all")
	if text := errorText(r.stderr); r.code == 0 || !strings.Contains(text, "boot: backend did not become healthy") || !strings.Contains(text, "500") {
		t.Errorf("a sick backend: exit code %d: %s", r.code, text)
	}
}

// The examples for readers are what the module offers.
func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	r := dagger(t, root, "functions", "-m", "examples/go")
	for _, want := range []string{"stack-integration-test", "stack-up", "stack-postgres", "stack-with-service-worker", "stack-with-service-mail", "stack-status"} {
		if r.code != 0 || !strings.Contains(r.stdout, want) {
			t.Errorf("exit code %d, %q is not in\n%s\n%s", r.code, want, r.stdout, tail(r.stderr))
		}
	}
	if r := dagger(t, root, "-m", "examples/go", "call", "stack-postgres"); strings.TrimSpace(r.stdout) != "it works" {
		t.Errorf("exit code %d: %q\n%s", r.code, r.stdout, tail(r.stderr))
	}
}
