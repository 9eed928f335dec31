package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A browser that looks at a stack's pages.

// browser is a real one, with one page. Without the flags Chromium looks for its maker's servers, which a closed
// network refuses.
func browser(t testing.TB) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1200, 800))
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
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
