//go:build root

package agent

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// TestLocal: another service answers at a port of the container's own localhost, in both families of addresses.
func TestLocal(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.Method, body)
	}))
	t.Cleanup(other.Close)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	service := script("exec sleep 60")
	service.Local = []spec.Local{{Port: port, Service: "localhost", To: other.Listener.Addr().(*net.TCPAddr).Port}}
	r := newTest(t, service).start()
	r.until("it runs", func() bool { return r.status().Phase == state.Running })
	for range 3 {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", port))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(body) != "GET " {
			t.Errorf("%q", body)
		}
	}
}
