package api

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"dagger/stack/internal/protocol"
)

// guard comes before everything: it refuses what a page of another origin could send, asks for the token where one is
// needed, and makes every error JSON.
func (s *Server) guard(mux *http.ServeMux) http.Handler {
	return handler(func(w http.ResponseWriter, r *http.Request) error {
		secure(w.Header())
		if !s.knows(r.Host) {
			return failure{http.StatusMisdirectedRequest, "unknown_host", fmt.Sprintf(
				"host %q is not a name of this API: use localhost or an IP address, or name it with --api-hosts", r.Host)}
		}
		if isAPI(r) {
			if err := sameOrigin(r); err != nil {
				return failure{http.StatusForbidden, "cross_origin", fmt.Sprintf("requests of other origins are refused: %v", err)}
			}
		}
		next, pattern := mux.Handler(r)
		if pattern == "" {
			return noSuch(w, next, r)
		}
		trusted := changes(r) && pattern != mcpPattern || pattern == terminalPattern || pattern == urlsPattern
		if (trusted || s.Private && isAPI(r)) && !s.authorized(r, pattern) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="stack"`)
			return failure{http.StatusUnauthorized, "unauthorized",
				fmt.Sprintf("this needs the stack's token: send the header Authorization: Bearer TOKEN with what %s prints", protocol.CLI(s.Client.Name, "api-token"))}
		}
		mux.ServeHTTP(w, r)
		return nil
	})
}

// changes tells whether a request may change something.
func changes(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// isAPI tells whether a request is one for programs, and not for a page.
func isAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == metricsPath || r.URL.Path == mcpPath
}

// secure sets the headers that every answer has.
func secure(header http.Header) {
	allow(header, "'self'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// allow says what a page may load, with the sources of its styles.
func allow(header http.Header, styles string) {
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src "+styles+"; img-src 'self'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

// knows tells whether a Host header names this server. A page can make its own domain point here (DNS rebinding) and is
// then of the same origin; what it cannot own is an address, a name without a dot, and what is reserved for machines
// (RFC 6761 localhost, RFC 6762 local).
func (s *Server) knows(host string) bool {
	name := strings.ToLower(host)
	if bare, _, err := net.SplitHostPort(name); err == nil {
		name = bare
	}
	name = strings.TrimSuffix(name, ".")
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	return name != "" && !strings.Contains(name, ".") ||
		strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".dagger.local") || slices.Contains(s.Hosts, name)
}

// sameOrigin is the check of net/http for every method: what is read is not for other origins either.
func sameOrigin(r *http.Request) error {
	asked := *r
	asked.Method = http.MethodPost
	return http.NewCrossOriginProtection().Check(&asked)
}

func (s *Server) authorized(r *http.Request, pattern string) bool {
	token, ok := bearer(r.Header)
	if !ok && pattern == terminalPattern {
		for _, name := range strings.Split(r.Header.Get("Sec-WebSocket-Protocol"), ",") {
			if given, is := strings.CutPrefix(strings.TrimSpace(name), tokenProtocol); is {
				token, ok = given, true
			}
		}
	}
	return s.trusts(token, ok)
}

// bearer is the token that a request is sent with, if there is one.
func bearer(header http.Header) (token string, found bool) {
	return strings.CutPrefix(header.Get("Authorization"), "Bearer ")
}

// trusts tells whether a token was found, and is the stack's.
func (s *Server) trusts(token string, found bool) bool {
	return found && subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1
}

// noSuch turns the answers of the mux for what it does not have into JSON. It alone knows which methods a path has.
func noSuch(w http.ResponseWriter, next http.Handler, r *http.Request) error {
	var answer headOnly
	next.ServeHTTP(&answer, r)
	if allow := answer.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		return failure{http.StatusMethodNotAllowed, "method_not_allowed",
			fmt.Sprintf("%s is not possible here: want %s", r.Method, allow)}
	}
	return failure{http.StatusNotFound, "not_found", fmt.Sprintf("there is nothing at %s: see /openapi.json", r.URL.Path)}
}

// headOnly takes an answer without its body.
type headOnly struct{ header http.Header }

func (h *headOnly) Header() http.Header {
	if h.header == nil {
		h.header = http.Header{}
	}
	return h.header
}

func (h *headOnly) Write(b []byte) (int, error) { return len(b), nil }

func (h *headOnly) WriteHeader(int) {}
