package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

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
