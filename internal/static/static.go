// Package static serves the files of a frontend that was built: what a production image of Vite and its like runs. The program in its folder
// serve is compiled from this source in the user's engine, so both use Go's standard library alone.
package static

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
)

// Options are how the files are served.
type Options struct {
	// App: the pages are made in the browser, and a path that no file has is one of them. Else the file 404.html is the answer.
	App     bool
	Base    string  // the path that the files are below, e.g. /docs/; "": "/"
	Proxies []Proxy // whose paths go to another server
	Else    *Proxy  // another server, for all that no file is for and that no browser asks for as a page
}

// Handler serves the files of a folder.
func Handler(files fs.FS, o Options) http.Handler {
	base := "/" + strings.Trim(o.Base, "/")
	if base != "/" {
		base += "/"
	}
	s := &site{files: files, app: o.App, base: base}
	if o.Else != nil {
		s.rest = o.Else.forward()
	}
	handler := http.Handler(s)
	for i := len(o.Proxies) - 1; i >= 0; i-- { // the first that has the path counts
		handler = o.Proxies[i].before(handler)
	}
	return handler
}

// site is a folder that is served.
type site struct {
	files  fs.FS
	app    bool
	base   string
	rest   http.Handler // nil: nobody else is asked
	hashes sync.Map     // entity tags, by file
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !reads && s.rest != nil {
		s.rest.ServeHTTP(w, r)
		return
	}
	if !reads {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "these are files: GET and HEAD only", http.StatusMethodNotAllowed)
		return
	}
	below, is := strings.CutPrefix(r.URL.Path, s.base)
	switch {
	case !is && r.URL.Path+"/" == s.base, !is && r.URL.Path == "/":
		redirect(w, r, s.base)
		return
	case !is:
		s.missing(w, r, "")
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+below), "/")
	switch {
	case hidden(name):
		s.missing(w, r, name)
	case name == "" || s.isDir(name) && s.isFile(name+"/index.html") && strings.HasSuffix(r.URL.Path, "/"):
		s.file(w, r, path.Join(name, "index.html"), http.StatusOK)
	case s.isDir(name) && s.isFile(name+"/index.html"):
		redirect(w, r, s.base+name+"/")
	case s.isFile(name):
		s.file(w, r, name, http.StatusOK)
	case s.isFile(name + ".html"):
		s.file(w, r, name+".html", http.StatusOK)
	default:
		s.missing(w, r, name)
	}
}

// redirect keeps what was asked. A path that begins with two slashes would name another host.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	to = "/" + strings.TrimLeft(to, "/")
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, to, http.StatusMovedPermanently)
}

// hidden tells whether a path has a part that begins with a dot. .well-known is meant to be read.
func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != ".well-known" {
			return true
		}
	}
	return false
}

// missing answers for a path that no file has. Who asks for a page of an application gets the application; whoever asks for a script or an
// image is better told that it is not there.
func (s *site) missing(w http.ResponseWriter, r *http.Request, name string) {
	html := strings.Contains(r.Header.Get("Accept"), "text/html")
	page := path.Ext(name) == "" || html
	if s.rest != nil && !html && !hidden(name) {
		s.rest.ServeHTTP(w, r)
		return
	}
	for _, application := range []string{"200.html", "index.html"} {
		if s.app && page && !hidden(name) && strings.HasPrefix(r.URL.Path, s.base) && s.isFile(application) {
			s.file(w, r, application, http.StatusOK)
			return
		}
	}
	if s.isFile("404.html") {
		s.file(w, r, "404.html", http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, "not found", http.StatusNotFound)
}

func (s *site) isFile(name string) bool { return s.has(name, fs.FileMode.IsRegular) }
func (s *site) isDir(name string) bool  { return s.has(name, fs.FileMode.IsDir) }

func (s *site) has(name string, kind func(fs.FileMode) bool) bool {
	info, err := fs.Stat(s.files, name)
	return err == nil && kind(info.Mode())
}

// encodings are those of files that lie beside others, the smallest first.
var encodings = []struct{ name, ext string }{{"br", ".br"}, {"gzip", ".gz"}}

// file serves a file, or a small copy of the file that the client takes.
func (s *site) file(w http.ResponseWriter, r *http.Request, name string, status int) {
	header := w.Header()
	header.Set("Content-Type", contentType(name))
	header.Set("Cache-Control", caching(name))
	from := name
	for _, encoding := range encodings {
		if !s.isFile(name + encoding.ext) {
			continue
		}
		header.Set("Vary", "Accept-Encoding")
		if from == name && r.Header.Get("Range") == "" && accepts(r, encoding.name) {
			from = name + encoding.ext
			header.Set("Content-Encoding", encoding.name)
		}
	}
	file, err := s.files.Open(from)
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	defer file.Close()
	content, seeks := file.(io.ReadSeeker)
	info, err := file.Stat()
	if err != nil || !seeks {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = io.Copy(w, content) // a client that has gone is no fault
		}
		return
	}
	if tag := s.tag(from, content); tag != "" {
		header.Set("ETag", tag)
	}
	http.ServeContent(w, r, name, info.ModTime(), content)
}

// accepts tells whether a client takes an encoding.
func accepts(r *http.Request, encoding string) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		weight = strings.ReplaceAll(weight, " ", "")
		if (name == encoding || name == "*") && weight != "q=0" && weight != "q=0.0" {
			return true
		}
	}
	return false
}

// tag is the entity tag of a file, "" if the file cannot be read. Files of an image do not change.
func (s *site) tag(name string, content io.ReadSeeker) string {
	if known, ok := s.hashes.Load(name); ok {
		return known.(string)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return ""
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return ""
	}
	tag := `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
	s.hashes.Store(name, tag)
	return tag
}

// types are those of the web that Go does not know without the files of a Linux distribution.
var types = map[string]string{
	".ico": "image/x-icon", ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".map": "application/json",
	".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8", ".mp4": "video/mp4",
	".webm": "video/webm", ".mp3": "audio/mpeg", ".csv": "text/csv; charset=utf-8",
}

func contentType(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if known := types[ext]; known != "" {
		return known
	}
	if known := mime.TypeByExtension(ext); known != "" {
		return known
	}
	return "application/octet-stream"
}

// bundled are folders that bundlers fill, and hashed is a name with the hash that bundlers give it: 8 letters and digits (Vite, Rollup, esbuild,
// webpack's contenthash:8), or a longer one of hexadecimal digits.
var (
	bundled = regexp.MustCompile(`(?:^|/)(?:assets|static|_next|_nuxt|_astro|_app|immutable|js|css|img|media|fonts|chunks|build)/|^[^/]+$`)
	hashed  = regexp.MustCompile(`[.-](?:([0-9A-Za-z_-]{8})|(?:[0-9a-f]{16}|[0-9a-f]{20}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}))\.(?:[a-z]+\.)?[a-z0-9]+$`)
	digit   = regexp.MustCompile(`[0-9]`)
	letter  = regexp.MustCompile(`[A-Za-z]`)
	mixed   = regexp.MustCompile(`[a-z].*[A-Z]|[A-Z]{2}.*[a-z]|^[A-Z]+$`)
)

// caching says how long a file may be kept: for ever where its name changes with what is in it, else until it was asked for again.
func caching(name string) string {
	if match := hashed.FindStringSubmatch(name); match != nil && bundled.MatchString(name) && path.Ext(name) != ".html" {
		if hash := match[1]; hash == "" || digit.MatchString(hash) && letter.MatchString(hash) || mixed.MatchString(hash) {
			return "public, max-age=31536000, immutable"
		}
	}
	return "no-cache"
}
