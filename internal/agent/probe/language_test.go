package probe

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// answering is a server of one of the languages of HTTP, and how it is reached.
func answering(t *testing.T, language string, handler http.HandlerFunc) dial {
	server := httptest.NewUnstartedServer(handler)
	switch language {
	case "https":
		server.StartTLS()
	case "h2c":
		server.Config.Protocols = new(http.Protocols)
		server.Config.Protocols.SetUnencryptedHTTP2(true)
		server.Start()
	default:
		server.Start()
	}
	t.Cleanup(server.Close)
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
}

// A server that speaks TLS, or HTTP/2 alone, works; where somebody has said how it is asked, the error names what it speaks.
func TestLanguages(t *testing.T) {
	t.Parallel()
	guess := spec.HTTPGet{Port: 3000, Paths: []string{"/"}, Guessed: true}
	named := spec.HTTPGet{Port: 3000, Paths: []string{"/ok"}}
	secure := spec.HTTPGet{Port: 3000, Paths: []string{"/ok"}, TLS: true}
	for _, row := range []struct {
		server string
		get    spec.HTTPGet
		output string // the first line; or what the error has
	}{
		{"http", guess, "GET /: 200 OK"},
		{"https", guess, "GET /: 200 OK over TLS"},
		{"h2c", guess, "GET /: 200 OK over HTTP/2"},
		{"http", named, "GET /ok: 200 OK"},
		{"https", named, "port 3000 speaks TLS: ask it with with-health --probe https:3000/ok"},
		{"h2c", named, "port 3000 speaks HTTP/2 without TLS, as gRPC does: ask it with with-health --probe grpc:3000"},
		{"https", secure, "GET /ok: 200 OK over TLS"},
		{"http", secure, "port 3000 speaks HTTP: ask it with with-health --probe http:3000/ok"},
	} {
		ask := httpGet(answering(t, row.server, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }), row.get)
		for range 2 { // the second time it is asked in its own
			output, err := ask(t.Context())
			if err != nil {
				output = err.Error()
			}
			if line, _, _ := strings.Cut(output, "\n"); line != row.output {
				t.Errorf("a server of %s, asked %+v: %q, want %q", row.server, row.get, line, row.output)
			}
		}
	}
}

// A server that does not work in its own language is asked again in that, and not recognised as another.
func TestLanguageOfWhatFails(t *testing.T) {
	t.Parallel()
	status := http.StatusInternalServerError
	ask := httpGet(answering(t, "https", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }), spec.HTTPGet{Paths: []string{"/"}, Guessed: true})
	if output, err := ask(t.Context()); err == nil || !strings.HasPrefix(output, "GET /: 500 Internal Server Error over TLS") {
		t.Errorf("%q, %v", output, err)
	}
	status = http.StatusOK
	if output, err := ask(t.Context()); err != nil {
		t.Errorf("%q, %v", output, err)
	}
}

// gRPC's own protocol of health checks, as its server answers.
func TestGRPC(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, status, body string
		healthy            bool
		want               string
	}{
		{"serving", "0", "\x00\x00\x00\x00\x02\x08\x01", true, "SERVING"},
		{"not serving", "0", "\x00\x00\x00\x00\x02\x08\x02", false, "is not SERVING"},
		{"nothing is said", "0", "\x00\x00\x00\x00\x00", false, "is not SERVING"},
		{"no health service", "12", "", false, "has no /grpc.health.v1.Health/Check: register gRPC's health service"},
		{"another service", "5", "", false, `does not know the service "shop"`},
		{"an error", "14", "", false, `gRPC status "14"`},
	} {
		asked := ""
		ask := grpcHealth(answering(t, "h2c", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			asked = r.URL.Path + " " + string(body)
			w.Header().Set("Trailer", "Grpc-Status")
			io.WriteString(w, row.body)
			w.Header().Set("Grpc-Status", row.status)
		}), spec.GRPC{Port: 50051, Service: "shop"})
		output, err := ask(t.Context())
		if err != nil {
			output = err.Error()
		}
		if (err == nil) != row.healthy || !strings.Contains(output, row.want) {
			t.Errorf("%s: %q, %v, want %q", row.name, output, err, row.want)
		}
		if want := "/grpc.health.v1.Health/Check \x00\x00\x00\x00\x06\x0a\x04shop"; asked != want {
			t.Errorf("%s: asked %q, want %q", row.name, asked, want)
		}
	}
}
