package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The example as a user meets it: the page in a browser shows what the backend counts in both databases, and the
// counts grow.
func TestHello(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/hello")
	s.up()
	if status, body := s.get("backend", "/health"); status != 200 || !strings.Contains(body, "ok") {
		t.Errorf("health: %d %s", status, body)
	}
	page := browser(t)
	number := func(id string) int {
		t.Helper()
		text := on(t, page, chromedp.Text(id))
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("the page shows %q as %s", text, id)
		}
		return n
	}
	counts := func() (postgres, redis int) {
		t.Helper()
		visit(t, page, fmt.Sprintf("http://localhost:%d", s.ports["frontend"]))
		defer screenshot(t, page, "hello")
		return number("#postgres"), number("#redis")
	}
	firstRows, firstCount := counts()
	rows, count := counts()
	if firstRows < 1 || rows <= firstRows || count <= firstCount {
		t.Errorf("the page shows %d rows and %d counted, after %d and %d", rows, count, firstRows, firstCount)
	}
}

// An unchanged project is not built again, and its data is still there.
func TestSecondUpBuildsNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/hello")
	s.ok("up", "--project-path", s.project)
	r := s.call("up", "--project-path", s.project)
	if r.code != 0 {
		t.Fatal(tail(r.stderr))
	}
	for _, command := range []string{"npm ci", "pip install", "-m venv"} {
		if !strings.Contains(r.stderr, "withExec") {
			t.Fatalf("no steps in the output\n%s", tail(r.stderr))
		}
		for _, line := range strings.Split(r.stderr, "\n") {
			if strings.Contains(line, "] | ") && strings.Contains(line, command) {
				t.Errorf("ran again: %s", line)
			}
		}
	}
}
