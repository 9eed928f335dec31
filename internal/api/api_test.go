package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/control"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// The tests that need an agent run one as a process of its own: the test binary, started again.
const agentTest = "API_AGENT_TEST"

func TestMain(m *testing.M) {
	if process.IsStage(os.Args) {
		process.Stage()
	}
	if dir := os.Getenv(agentTest); dir != "" {
		code, err := agent.Run(context.Background(), agent.Config{
			Service: spec.Service{
				Name: "backend",
				Process: spec.Process{
					Command: []string{"/bin/sh", "-c", `trap 'sleep 1; exit 0' TERM; echo started; while :; do sleep 0.02; done`},
					User:    "nobody", StopGrace: spec.Duration(5 * time.Second),
				},
				Restart: spec.Restart{Policy: spec.RestartOnFailure},
			},
			State: state.At(dir), Secrets: filepath.Join(dir, "none"), Confine: process.Full,
			Address: netip.MustParseAddr("127.0.0.1"), Environ: boot.Environ(), Stdout: os.Stdout, Stderr: os.Stderr,
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 99
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// served is the API of a stack in a folder.
type served struct {
	*testing.T
	*Server
	state state.Stack
	url   string
}

func serve(t *testing.T, config Config) *served {
	t.Helper()
	dir := t.TempDir()
	server, err := New(config, control.Client{Name: "shop", State: state.At(dir)})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server.Handler())
	t.Cleanup(web.CloseClientConnections) // the streams
	t.Cleanup(web.Close)
	return &served{t, server, server.Client.State, web.URL}
}

// service is one that runs: this test has its lock.
func (s *served) service(name string, health state.Health) state.Service {
	s.Helper()
	folder := s.state.Service(name)
	lock, err := folder.Lock()
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { lock.Close() })
	s.status(folder, state.Status{Health: health, Phase: state.Running, PID: 7, Started: time.Now().Add(-time.Minute)})
	return folder
}

func (s *served) status(folder state.Service, status state.Status) {
	s.Helper()
	status.Service, status.Updated = folder.Name, time.Now()
	if err := folder.WriteStatus(status); err != nil {
		s.Fatal(err)
	}
}

func (s *served) log(folder state.Service) *logstore.Writer {
	s.Helper()
	log, err := logstore.Open(folder.Logs(), logstore.Options{})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { log.Close() })
	return log
}

// request is one to make; the zero value is a GET.
type request struct {
	method, path, body string
	headers            map[string]string
}

func (s *served) do(r request) (*http.Response, string) {
	s.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	req, err := http.NewRequest(r.method, s.url+r.path, strings.NewReader(r.body))
	if err != nil {
		s.Fatal(err)
	}
	for name, value := range r.headers {
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response, string(body)
}

// get reads an answer that must have that status.
func (s *served) get(path string, status int, answer any) {
	s.Helper()
	response, body := s.do(request{path: "/api/v1/projects" + path})
	if response.StatusCode != status {
		s.Fatalf("GET %s: %d, want %d: %s", path, response.StatusCode, status, body)
	}
	if err := json.Unmarshal([]byte(body), answer); err != nil {
		s.Fatalf("GET %s: %v: %s", path, err, body)
	}
}

// bearer is the header that a POST needs.
func (s *served) bearer() map[string]string {
	return map[string]string{"Authorization": "Bearer " + s.Token}
}

func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// startAgent runs a real agent of a service "backend".
func (s *served) startAgent() state.Service {
	s.Helper()
	for dir := s.state.Root(); dir != os.TempDir(); dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755) // the service's user must reach its files
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), agentTest+"="+s.state.Root())
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	folder := s.state.Service("backend")
	s.Cleanup(func() {
		status, _ := folder.Status()
		cmd.Process.Kill()
		if status.PID > 0 {
			syscall.Kill(-status.PID, syscall.SIGKILL)
		}
		cmd.Wait()
	})
	// Healthy it is before its shell has read the trap; from this line on it takes a second to stop.
	until(s.T, "the service's first line", func() bool {
		_, body := s.do(request{path: base + "/logs/backend"})
		return strings.Contains(body, "started")
	})
	return folder
}
