package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// registry is an image registry that answers the first pulls with the given status, and then what the mirror of
// hack/engine has. It is the engine on this machine that pulls from it.
type registry struct {
	host  string
	pulls atomic.Int64
}

func newRegistry(t *testing.T, failures int64, status int) *registry {
	mirror := os.Getenv("ENGINE_MIRROR")
	if mirror == "" {
		mirror = "127.0.0.1:5000"
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: mirror})
	r := &registry{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if strings.HasSuffix(request.URL.Path, "/manifests/7-alpine") {
			// A pull begins with the question whether the tag is there; more than one request may follow it.
			if request.Method == http.MethodHead {
				r.pulls.Add(1)
			}
			if r.pulls.Load() <= failures {
				http.Error(w, `{"errors":[{"code":"UNKNOWN","message":"not now"}]}`, status)
				return
			}
		}
		proxy.ServeHTTP(w, request)
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	r.host = listener.Addr().String()
	return r
}

// A pull that fails for a reason that may pass is tried again, and the stack comes up.
func TestPullThatFailsTwice(t *testing.T) {
	t.Parallel()
	r := newRegistry(t, 4, http.StatusServiceUnavailable) // the engine asks twice at each try
	s := plain(t, "--redis-image", r.host+"/library/redis:7-alpine")
	call := s.call("up", "--project-path", s.project)
	if call.code != 0 {
		t.Fatalf("after %d pulls: %s", r.pulls.Load(), tail(call.stderr))
	}
	for _, want := range []string{"trying again in 1s", "trying again in 2s", "redis     healthy"} {
		if !strings.Contains(call.stderr, want) {
			t.Errorf("%q is not in the output\n%s", want, tail(call.stderr))
		}
	}
}

// One that always fails is given up after three more tries; one that is refused, at once.
func TestPullThatFailsForGood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, tries int
		want          string
	}{
		{http.StatusServiceUnavailable, 3, "503"},
		{http.StatusUnauthorized, 0, "401"},
		{http.StatusNotFound, 0, "not found"},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t, 1<<30, c.status)
			s := plain(t, "--redis-image", r.host+"/library/redis:7-alpine")
			call := s.call("up", "--project-path", s.project)
			text := errorText(call.stderr)
			if call.code == 0 || !strings.Contains(text, "redis: build failed") || !strings.Contains(text, c.want) {
				t.Errorf("exit code %d, error %q", call.code, text)
			}
			for _, wait := range []string{"1s", "2s", "4s"}[:c.tries] {
				if !strings.Contains(call.stderr, "trying again in "+wait) {
					t.Errorf("not tried again in %s\n%s", wait, tail(call.stderr))
				}
			}
			if c.tries == 0 && strings.Contains(call.stderr, "trying again") {
				t.Errorf("tried again\n%s", tail(call.stderr))
			}
		})
	}
}
