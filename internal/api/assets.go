package api

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed dashboard
var dashboard embed.FS

// addDashboard serves the dashboard's files, and the page itself as the root. They are small and change only with the
// binary, which is another one behind the same address the next day: nothing is cached.
func addDashboard(mux *http.ServeMux) {
	files, err := fs.Sub(dashboard, "dashboard")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		pattern := "GET /" + name
		if name == "index.html" {
			pattern = "GET /{$}"
		}
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", contentType(path.Ext(name)))
			if name == "terminal.html" {
				allow(w.Header(), "'self' 'unsafe-inline'") // xterm.js writes its colours and sizes as style elements
			}
			http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
		})
		return nil
	})
}

// contentType is that of one of the dashboard's files; a bare container has no list of them.
func contentType(extension string) string {
	switch extension {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
