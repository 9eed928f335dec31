package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

var built = fstest.MapFS{
	"index.html":                  {Data: []byte("<app>")},
	"404.html":                    {Data: []byte("<no such page>")},
	"about.html":                  {Data: []byte("<about>")},
	"docs/index.html":             {Data: []byte("<docs>")},
	"empty/picture.png":           {Data: []byte("png")},
	"assets/index-DiwrgTda.js":    {Data: []byte("hashed()")},
	"assets/index-DiwrgTda.js.gz": {Data: []byte("small")},
	"assets/app-settings.js":      {Data: []byte("plain()")},
	".env":                        {Data: []byte("SECRET=1")},
	".well-known/security.txt":    {Data: []byte("Contact")},
	"font.woff2":                  {Data: []byte("font")},
}

func ask(t *testing.T, handler http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestServes(t *testing.T) {
	t.Parallel()
	app, pages, based := Handler(built, Options{App: true}), Handler(built, Options{}), Handler(built, Options{App: true, Base: "/shop/"})
	for _, row := range []struct {
		name    string
		handler http.Handler
		path    string
		status  int
		want    string // body, or where a redirect leads
	}{
		{"the root", app, "/", 200, "<app>"},
		{"a page of the application", app, "/orders/7", 200, "<app>"},
		{"a script that is not there", app, "/assets/old-DiwrgTd1.js", 404, "<no such page>"},
		{"a page without its ending", app, "/about", 200, "<about>"},
		{"a folder", app, "/docs", 301, "/docs/"},
		{"a folder with a query", app, "/docs?a=b", 301, "/docs/?a=b"},
		{"a folder of another host", app, "//docs", 301, "/docs/"},
		{"a folder with a slash", app, "/docs/", 200, "<docs>"},
		{"a folder is not listed", pages, "/empty/", 404, "<no such page>"},
		{"a page that is not there", pages, "/orders/7", 404, "<no such page>"},
		{"a hidden file", app, "/.env", 404, "<no such page>"},
		{"well-known", app, "/.well-known/security.txt", 200, "Contact"},
		{"out of the folder", pages, "/docs/../../etc/passwd", 404, "<no such page>"},
		{"below a path", based, "/shop/orders/7", 200, "<app>"},
		{"the root above a path", based, "/", 301, "/shop/"},
		{"a path without its slash", based, "/shop", 301, "/shop/"},
		{"beside a path", based, "/other", 404, "<no such page>"},
	} {
		r := ask(t, row.handler, "GET", row.path)
		got := r.Header.Get("Location")
		if got == "" {
			got = body(t, r)
		}
		if r.StatusCode != row.status || got != row.want {
			t.Errorf("%s: %d %q, want %d %q", row.name, r.StatusCode, got, row.status, row.want)
		}
	}
	if r := ask(t, app, "POST", "/"); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %q", r.StatusCode, r.Header.Get("Allow"))
	}
	if r := ask(t, app, "HEAD", "/"); r.StatusCode != 200 || body(t, r) != "" || r.ContentLength != 5 {
		t.Errorf("HEAD: %d, %d bytes", r.StatusCode, r.ContentLength)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	app := Handler(built, Options{App: true})
	page, script := ask(t, app, "GET", "/"), ask(t, app, "GET", "/assets/index-DiwrgTda.js", "Accept-Encoding", "br;q=0, gzip")
	if got := page.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a page may be kept: %q", got)
	}
	if page.Header.Get("X-Content-Type-Options") != "nosniff" || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("a page: %v", page.Header)
	}
	if script.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || script.Header.Get("Content-Encoding") != "gzip" ||
		script.Header.Get("Vary") != "Accept-Encoding" || !strings.HasPrefix(script.Header.Get("Content-Type"), "text/javascript") || body(t, script) != "small" {
		t.Errorf("a script: %v", script.Header)
	}
	whole := ask(t, app, "GET", "/assets/index-DiwrgTda.js")
	if whole.Header.Get("Content-Encoding") != "" || whole.Header.Get("Vary") != "Accept-Encoding" || body(t, whole) != "hashed()" || whole.Header.Get("ETag") == script.Header.Get("ETag") {
		t.Errorf("a script for who takes no encoding: %v", whole.Header)
	}
	if r := ask(t, app, "GET", "/assets/index-DiwrgTda.js", "If-None-Match", whole.Header.Get("ETag")); r.StatusCode != 304 {
		t.Errorf("what the client has: %d", r.StatusCode)
	}
	if r := ask(t, app, "GET", "/assets/index-DiwrgTda.js", "Range", "bytes=0-2", "Accept-Encoding", "gzip"); r.StatusCode != 206 || body(t, r) != "has" {
		t.Errorf("a part: %d", r.StatusCode)
	}
	if r := ask(t, app, "GET", "/font.woff2"); r.Header.Get("Content-Type") != "font/woff2" {
		t.Errorf("a font: %v", r.Header)
	}
}

// Only a name that changes with what is in the file may be kept for ever.
func TestCaching(t *testing.T) {
	t.Parallel()
	for name, forever := range map[string]bool{
		"assets/index-DiwrgTda.js": true, "assets/index-B4_x-a1Z.css": true, "assets/vendor-ab12cd34.js.map": true, "static/js/main.3a5c1f0e.js": true,
		"_next/static/chunks/0f6ab1c2d3e4f506.js": false, "_next/static/chunks/page-0f6ab1c2d3e4f506.js": true, "main-ABCDEFGH.js": true, "app-0123456789abcdef0123.js": true,
		"index.html": false, "assets/app-settings.js": false, "assets/our-Products.js": false, "sw.js": false, "files/report-DiwrgTda.pdf": false,
		"assets/report-20240101.pdf": false, "page-DiwrgTda.html": false,
	} {
		if got := caching(name) != "no-cache"; got != forever {
			t.Errorf("%s for ever: %v", name, got)
		}
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.Host+" "+r.URL.RequestURI()+" "+r.Header.Get("X-Forwarded-For"))
	}))
	defer backend.Close()
	var proxies []Proxy
	for _, text := range []string{"/api=" + backend.URL, "/old/-=" + backend.URL, "/gone=http://127.0.0.1:1"} {
		proxy, err := ParseProxy(text)
		if err != nil {
			t.Fatal(err)
		}
		proxies = append(proxies, proxy)
	}
	app := Handler(built, Options{App: true, Proxies: proxies})
	for path, want := range map[string]string{
		"/api/orders?x=1": "POST example.com /api/orders?x=1 192.0.2.1", "/api": "POST example.com /api 192.0.2.1", "/old/a/b": "POST example.com /a/b 192.0.2.1", "/old": "POST example.com / 192.0.2.1",
	} {
		if got := body(t, ask(t, app, "POST", path)); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if r := ask(t, app, "GET", "/apiary"); body(t, r) != "<app>" {
		t.Error("a path that only begins like it is handed on")
	}
	address, err := ParseURL(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	rest := Handler(built, Options{App: true, Else: &Proxy{To: address}})
	for path, want := range map[string]string{"GET /orders": "GET example.com /orders 192.0.2.1", "POST /": "POST example.com / 192.0.2.1", "GET /about": "<about>"} {
		method, path, _ := strings.Cut(path, " ")
		if got := body(t, ask(t, rest, method, path)); got != want {
			t.Errorf("%s %s: %q, want %q", method, path, got, want)
		}
	}
	if got := body(t, ask(t, rest, "GET", "/orders", "Accept", "text/html,*/*")); got != "<app>" {
		t.Errorf("a page of the application: %q", got)
	}
	if r := ask(t, app, "GET", "/gone"); r.StatusCode != 502 {
		t.Errorf("a server that is not there: %d", r.StatusCode)
	}
	for _, bad := range []string{"api=http://x", "/api", "/api=backend:8000", "/api=ftp://x"} {
		if _, err := ParseProxy(bad); err == nil || !strings.Contains(err.Error(), "want PATH=URL") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestCompress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/long.js": strings.Repeat("hello ", 1000), "short.js": "x", "own.css": strings.Repeat("a", 5000), "own.css.gz": "own", "picture.png": strings.Repeat("a", 5000),
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Compress(dir); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "a/long.js.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	small, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(small); err != nil || len(text) != 6000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	for name, want := range map[string]bool{"short.js.gz": false, "picture.png.gz": false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "own.css.gz")); string(text) != "own" {
		t.Error("the project's own copy was replaced")
	}
}
