package stacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
)

// api is the stack's HTTP API.
type api struct {
	url, token string
	services   []address
}

// address is where a service is reached.
type address struct {
	Service string
	HostURL string // at the port that the stack publishes
}

func newAPI(ctx context.Context, stack any, port int, token string) (api, error) {
	a := api{url: fmt.Sprintf("http://localhost:%d/api/v1/projects/%s", port, stack), token: token}
	if port == 0 {
		return a, errors.New("the stack has no HTTP API: leave the argument apiPort at 9002, or another number")
	}
	var answer struct{ URLs []address }
	err := a.ask(ctx, http.MethodGet, "/urls", &answer)
	a.services = answer.URLs
	return a, err
}

// ask makes a request and reads its answer.
func (a api) ask(ctx context.Context, method, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, a.url+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var failed struct{ Error struct{ Message string } }
		if err := json.NewDecoder(response.Body).Decode(&failed); err != nil || failed.Error.Message == "" {
			return fmt.Errorf("%s %s: %s", method, path, response.Status)
		}
		return errors.New(failed.Error.Message)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// logsMax is how many lines of its log a failed test shows.
const logsMax = 200

func (a api) logs(ctx context.Context) (string, error) {
	var answer struct{ Logs string }
	err := a.ask(ctx, http.MethodGet, "/logs?tail="+strconv.Itoa(logsMax), &answer)
	return answer.Logs, err
}

// URL is where the test reaches a service: a database by a URL with its login, the others by HTTP at their first port. It fails the test
// if the service does not run or publishes no port.
func (s *Stack) URL(t testing.TB, service string) string {
	t.Helper()
	var names []string
	for _, known := range s.api.services {
		if known.Service == service {
			return s.outside(t, known.HostURL)
		}
		names = append(names, known.Service)
	}
	t.Fatalf("stacktest: there is no service %q with a port: want one of %v", service, names)
	return ""
}

// outside is a URL of a published port, with the port that the test reaches it by.
func (s *Stack) outside(t testing.TB, published string) string {
	t.Helper()
	at, err := url.Parse(published)
	if err != nil {
		t.Fatal("stacktest: the URL of the service is none") // the error quotes its password
	}
	port, _ := strconv.Atoi(at.Port())
	if s.ports[port] == 0 {
		t.Fatal("stacktest: the service publishes no port: give it one with the argument publish, a list of SERVICE:PORT=PUBLISHED")
	}
	at.Host = fmt.Sprintf("localhost:%d", s.ports[port])
	return at.String()
}

// Port is the port of the host that leads to one that the stack publishes, e.g. 8000; 0 if there is none.
func (s *Stack) Port(published int) int { return s.ports[published] }

// API is the address of the stack's HTTP API, as docs/api.md describes it, and the token that it wants for changes.
func (s *Stack) API() (url, token string) { return s.api.url, s.api.token }

// Snapshot keeps the data of all databases under a name.
func (s *Stack) Snapshot(t testing.TB, name string) {
	t.Helper()
	s.post(t, "/snapshots/"+url.PathEscape(name), &struct{}{})
}

// Rollback brings the data of a snapshot back.
func (s *Stack) Rollback(t testing.TB, name string) {
	t.Helper()
	s.post(t, "/snapshots/"+url.PathEscape(name)+"/rollback", &struct{}{})
}

// Clone makes a database with the data of a snapshot, and returns its URL. Tests that run at the same time may call it.
func (s *Stack) Clone(t testing.TB, snapshot string) string {
	t.Helper()
	var made struct{ Clones []struct{ HostURL string } }
	s.post(t, "/snapshots/"+url.PathEscape(snapshot)+"/clones", &made)
	return s.outside(t, made.Clones[0].HostURL)
}

// Restart restarts a service, and returns when it is healthy.
func (s *Stack) Restart(t testing.TB, service string) {
	t.Helper()
	s.post(t, "/services/"+url.PathEscape(service)+"/restart", &struct{}{})
}

// post fails the test if what it asks for fails.
func (s *Stack) post(t testing.TB, path string, answer any) {
	t.Helper()
	if err := s.api.ask(t.Context(), http.MethodPost, path, answer); err != nil {
		t.Fatalf("stacktest: %v", err)
	}
}
