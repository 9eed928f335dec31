package static

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Proxy hands the requests of a path, and of all below, on to another server, as the development server did.
type Proxy struct {
	Path  string
	To    *url.URL
	Strip bool // the other server does not know the path
}

// ParseProxy reads PATH=URL. A path that ends with "/-" is left out of what the other server is asked.
func ParseProxy(text string) (Proxy, error) {
	path, to, _ := strings.Cut(text, "=")
	address, err := ParseURL(to)
	if err != nil || !strings.HasPrefix(path, "/") {
		return Proxy{}, fmt.Errorf("proxy %q: want PATH=URL, such as /api=http://backend:8000", text)
	}
	path, strip := strings.CutSuffix(path, "/-")
	return Proxy{Path: path, To: address, Strip: strip}, nil
}

// ParseURL reads the address of a server.
func ParseURL(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, fmt.Errorf("%q: want a URL, such as http://backend:8000", text)
	}
	return address, nil
}

// has tells whether a path is one of the proxy's.
func (p Proxy) has(path string) bool {
	return path == p.Path || strings.HasPrefix(path, strings.TrimSuffix(p.Path, "/")+"/")
}

// forward hands requests on. The Host stays what the client said, as it does in development servers.
func (p Proxy) forward() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if p.Strip {
				r.Out.URL.Path = "/" + strings.TrimLeft(strings.TrimPrefix(r.In.URL.Path, p.Path), "/")
				r.Out.URL.RawPath = ""
			}
			r.SetURL(p.To)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
			http.Error(w, p.To.Host+" does not answer", http.StatusBadGateway)
		},
	}
}

// before hands requests of the path on before another handler gets them.
func (p Proxy) before(next http.Handler) http.Handler {
	forward := p.forward()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.has(r.URL.Path) {
			forward.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
