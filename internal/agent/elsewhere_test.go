//go:build root

package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/freeport"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A service that can be asked where nobody asks it fails soon, and is told where it listens.
func TestListensElsewhere(t *testing.T) {
	want, actual := freeport.For(t), freeport.For(t)
	service := script(fmt.Sprintf("exec python3 -m http.server --bind 127.0.0.1 %d", actual))
	service.Process.Workdir = "/"
	service.Probe = &spec.Probe{HTTP: &spec.HTTPGet{Port: want, Paths: []string{"/"}}, StartPeriod: spec.Duration(time.Second)}
	service.Process.User = "4321:4321" // whose sockets are no other's
	r := newTest(t, service).start()
	r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	if s := r.status(); !strings.Contains(s.Reason(), fmt.Sprintf("listens on 127.0.0.1:%d", actual)) || !strings.Contains(s.Reason(), fmt.Sprintf("make it listen on 0.0.0.0:%d", want)) {
		t.Errorf("%+v", s)
	}
}

// noReuse serves HTTP/1.0 as the classic snippet does: without SO_REUSEADDR, and the server ends each connection first.
const noReuse = `exec python3 -c '
import http.server, socketserver
with socketserver.TCPServer(("127.0.0.1", %d), http.server.SimpleHTTPRequestHandler) as s: s.serve_forever()'`

// What the agent has asked does not keep the service's port when the service is started again, also where the container's network
// remembers closed connections.
func TestRestartWithoutReuseAddress(t *testing.T) {
	port := freeport.For(t)
	service := script(fmt.Sprintf(noReuse, port))
	service.Process.Workdir = "/"
	service.Probe = quick(spec.Probe{HTTP: &spec.HTTPGet{Port: port, Paths: []string{"/"}}})
	r := newTest(t, service).start()
	r.untilHealthy()
	r.until("five answers", func() bool { return len(r.status().Probes) == state.ProbesKept })
	var result protocol.RestartResult
	if err := r.ask(protocol.VerbRestart, &result); err != nil {
		t.Fatalf("%v\n%s", err, r.logs())
	}
	if s := r.status(); s.Restarts != 0 || s.Health != state.Healthy {
		t.Errorf("%+v", s)
	}
}

// A service whose restart fails, and that is started again all the same, is not said to be gone.
func TestFailedRestartSaysWhatFollows(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(dir, 0o777), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	service := script(fmt.Sprintf("cd %s; n=$(ls | wc -l); touch $n; [ $n = 1 ] && exit 5; exec sleep 60", dir))
	service.Settle = spec.Duration(time.Second)
	r := newTest(t, service).start()
	r.untilHealthy()
	if err := r.ask(protocol.VerbRestart, nil); err == nil || !strings.Contains(err.Error(), "exit code 5; it is started again until it works") {
		t.Errorf("%v", err)
	}
	r.untilStatus("there again", func(s state.Status) bool { return s.Health == state.Healthy && s.Restarts == 1 })
}

// The last lines in the error of a restart are those of the new process: what the one before has printed, also while it was being stopped, may
// look like the reason and is not.
func TestLastLinesAreOfThisRun(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(dir, 0o777), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	service := script(fmt.Sprintf(`cd %s; [ -e once ] && { echo "new words"; exit 5; }
		touch once; trap 'echo "old farewell"; exit 0' TERM; echo "old words"; while :; do sleep 0.05; done`, dir))
	service.Settle = spec.Duration(time.Second)
	r := newTest(t, service).start()
	r.untilHealthy()
	client := control.Client{Name: "last", State: state.At(r.State)}
	err := client.Restart(t.Context(), control.RestartRequest{Service: "thing", Timeout: "1m"}, func(protocol.RestartResult) {})
	if err == nil || !strings.Contains(err.Error(), "; its last lines:\n  new words") || strings.Contains(err.Error(), "old") {
		t.Errorf("%v\nlog:\n%s", err, r.logs())
	}
}
