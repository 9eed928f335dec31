package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// What was asked and answered is said of every path; a path that is not there says nothing of the service, and the next counts.
func TestGuessedPaths(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		answers map[string]int
		guessed bool
		healthy bool
		output  string
	}{
		{"the first", map[string]int{"/health": 200}, true, true, "GET /health: 200 OK\n"},
		{"the second", map[string]int{"/": 200}, true, true, "GET /health: 404 Not Found; GET /: 200 OK\n"},
		{"a login", map[string]int{"/": 401}, true, true, "GET /health: 404 Not Found; GET /: 401 Unauthorized\n"},
		{"the second fails", map[string]int{"/": 500}, true, false, "GET /health: 404 Not Found; GET /: 500 Internal Server Error\n"},
		{"one that somebody named", map[string]int{}, false, false, "GET /health: 404 Not Found; GET /: 404 Not Found\n"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status, there := row.answers[r.URL.Path]
			if !there {
				status = http.StatusNotFound
			}
			w.WriteHeader(status)
		}))
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		number, _ := strconv.Atoi(port)
		to := func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		}
		output, err := httpGet(to, spec.HTTPGet{Port: number, Paths: []string{"/health", "/"}, Guessed: row.guessed})(t.Context())
		server.Close()
		if (err == nil) != row.healthy || !strings.HasPrefix(output, row.output) {
			t.Errorf("%s: %q, %v, want %q", row.name, output, err, row.output)
		}
	}
}
