package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// browser is a real one, with one page. Without the flags Chromium looks for its maker's servers, which a closed
// network refuses.
func browser(t testing.TB) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1200, 800))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// on runs an action in a page and returns its value.
func on[T any](t testing.TB, page context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(page, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// visit opens a page. Chromium gives up a request when the machine gets another network interface, as each container does
// that another test starts.
func visit(t testing.TB, page context.Context, url string) {
	t.Helper()
	for range 20 {
		_, err := chromedp.Run(page, chromedp.Navigate(url))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "ERR_NETWORK_CHANGED") {
			t.Fatal(err)
		}
	}
	t.Fatalf("%s: the network changes all the time", url)
}

// screenshot keeps a picture of the page where SCREENSHOTS names a folder: for people to look at.
func screenshot(t testing.TB, page context.Context, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), on(t, page, chromedp.FullScreenshot(100)), 0o644); err != nil {
		t.Fatal(err)
	}
}

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
			if strings.Contains(line, "| ") && strings.Contains(line, command) {
				t.Errorf("ran again: %s", line)
			}
		}
	}
}
