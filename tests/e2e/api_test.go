package e2e

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// api is the HTTP API of a session, and the document that it serves of itself.
type api struct {
	*session
	token    string
	contract routers.Router
}

var printedToken = regexp.MustCompile(`http://localhost:(\d+)/#token=([A-Z2-7]{26})`)

func (s *session) api() *api {
	s.Helper()
	var found []string
	s.until("where the dashboard is", func() bool { // which the CLI may print after the ports are published
		found = printedToken.FindStringSubmatch(s.printed())
		return found != nil
	})
	if found[1] != fmt.Sprint(s.ports["api"]) {
		s.Fatalf("the dashboard is at port %s, and the API at %d", found[1], s.ports["api"])
	}
	a := &api{session: s, token: found[2]}
	_, text := a.do(apiRequest{path: "/openapi.json"})
	document, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		s.Fatal(err)
	}
	if err := document.Validate(context.Background()); err != nil {
		s.Fatalf("the document is not OpenAPI: %v", err)
	}
	if a.contract, err = gorillamux.NewRouter(document); err != nil {
		s.Fatal(err)
	}
	return a
}

// apiRequest is one to make; its zero value is a GET. A path that begins with . is of this stack.
type apiRequest struct {
	method, path, body string
	headers            map[string]string
	unknown            bool // the document has no such path or method
}

func (a *api) request(r apiRequest) *http.Request {
	a.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	if rest, own := strings.CutPrefix(r.path, "."); own {
		r.path = "/api/v1/projects/" + a.name + rest
	}
	request, err := http.NewRequest(r.method, fmt.Sprintf("http://localhost:%d%s", a.ports["api"], r.path), strings.NewReader(r.body))
	if err != nil {
		a.Fatal(err)
	}
	for name, value := range r.headers {
		if name == "Host" {
			request.Host = value
		}
		request.Header.Set(name, value)
	}
	return request
}

// do asks, and holds every answer of the API against the document.
func (a *api) do(r apiRequest) (*http.Response, string) {
	a.Helper()
	request := a.request(r)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		a.Fatal(err)
	}
	if a.contract != nil && !r.unknown {
		if err := a.check(a.request(r), response, body); err != nil {
			a.Errorf("%s %s: %d is not what the document says: %v\n%s", request.Method, r.path, response.StatusCode, err, tail(string(body)))
		}
	}
	return response, string(body)
}

func (a *api) check(request *http.Request, response *http.Response, body []byte) error {
	route, parameters, err := a.contract.FindRoute(request)
	if err != nil {
		return err
	}
	input := openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 response.StatusCode, Header: response.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	return openapi3filter.ValidateResponse(request.Context(), input.SetBodyBytes(body))
}

func (a *api) read(path string, status int, answer any) {
	a.Helper()
	response, body := a.do(apiRequest{path: path})
	if response.StatusCode != status {
		a.Fatalf("GET %s: %d, want %d: %s", path, response.StatusCode, status, body)
	}
	if err := json.Unmarshal([]byte(body), answer); err != nil {
		a.Fatalf("GET %s: %v: %s", path, err, body)
	}
}

func (a *api) restart(service string) apiRequest {
	return apiRequest{method: http.MethodPost, path: "./services/" + service + "/restart", headers: map[string]string{"Authorization": "Bearer " + a.token}}
}

// One stack, whose backend takes its time to stop: every endpoint, with every bad input, and the stream.
func TestAPI(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain", "--backend-command", `sh -c "trap 'sleep 2; exit 0' TERM; python main.py & wait"`)
	begun := now(t)
	a := s.up().api()
	if got := strings.TrimSpace(s.ok("api-token")); got != a.token {
		t.Errorf("api-token prints %q, up printed %q", got, a.token)
	}
	// The stack keeps it, and the engine's record of the calls, until their clients are forgotten, what they have printed.
	s.noneOnDisk(begun, []string{a.token}, "/secrets/api-token", "/clientdbs/")
	a.testAnswers()
	a.testMetrics()
	a.testBadInput()
	a.testExec()
	a.testRestart()
	a.testEvents()
	s.get("backend", "/sick")
	a.until("503 from health", func() bool {
		response, body := a.do(apiRequest{path: "./health"})
		return response.StatusCode == 503 && strings.Contains(body, `"unhealthy"`) && strings.Contains(body, "backend is unhealthy")
	})
}

func (a *api) testAnswers() {
	var hub struct {
		Projects []struct {
			Name     string
			Healthy  bool
			Services []string
		}
	}
	a.read("/api/v1/projects", 200, &hub)
	if len(hub.Projects) != 1 || hub.Projects[0].Name != a.name || !hub.Projects[0].Healthy || strings.Join(hub.Projects[0].Services, " ") != "postgres redis backend" {
		a.Errorf("projects: %+v", hub)
	}
	var health struct {
		Healthy  bool
		Services []struct {
			Service, Health, State string
			PID                    int
			Ports                  []struct{ Published int }
		}
	}
	a.read("./health", 200, &health)
	if !health.Healthy || len(health.Services) != 3 || health.Services[0].Service != "postgres" || health.Services[0].PID == 0 || health.Services[2].Ports[0].Published != a.ports["backend"] {
		a.Errorf("health: %+v", health)
	}
	var config struct {
		Config struct {
			Name     string
			Services []struct{ Name, Image string }
		}
	}
	a.read("./config", 200, &config)
	if c := config.Config; c.Name != a.name || len(c.Services) != 3 || c.Services[0].Image != "postgres:15-alpine" {
		a.Errorf("config: %+v", config)
	}
	var stats struct {
		Services []struct {
			Service string
			Uptime  float64
		}
	}
	a.read("./stats", 200, &stats)
	if len(stats.Services) != 3 || stats.Services[1].Service != "redis" || stats.Services[1].Uptime <= 0 {
		a.Errorf("stats: %+v", stats)
	}
	var one struct{ Service, Health string }
	a.read("./services/redis", 200, &one)
	if one.Service != "redis" || one.Health != "healthy" {
		a.Errorf("service: %+v", one)
	}
	a.get("backend", "/print/marked")
	var logs struct {
		Project, Service, Logs string
		Lines                  int
		Entries                []struct{ Service, Stream, Text string }
	}
	a.read("./logs/backend?grep=%5Emarked&tail=5", 200, &logs)
	if logs.Project != a.name || logs.Service != "backend" || logs.Logs != "marked\n" || logs.Lines != 1 {
		a.Errorf("logs of one: %+v", logs)
	}
	a.read("./logs?grep=marked%7Cready&format=json&stream=", 200, &logs)
	if !slices.ContainsFunc(logs.Entries, func(e struct{ Service, Stream, Text string }) bool {
		return e.Service == "backend" && e.Text == "marked"
	}) ||
		!slices.ContainsFunc(logs.Entries, func(e struct{ Service, Stream, Text string }) bool { return e.Service == "postgres" }) {
		a.Errorf("logs of all: %+v", logs)
	}
}

func (a *api) testBadInput() {
	origin := a.restart("backend")
	origin.headers["Origin"] = fmt.Sprintf("http://localhost:%d", a.ports["backend"])
	large, form, field := a.restart("backend"), a.restart("backend"), a.restart("backend")
	large.body, form.body, field.body = strings.Repeat(" ", 1<<20), "force=1", `{"force":true}`
	field.headers["Content-Type"] = "application/json"
	for _, c := range []struct {
		ask    apiRequest
		status int
		want   string
	}{
		{apiRequest{path: "./logs/web"}, 400, `service \"web\" is not part of the stack: want one of postgres, redis, backend`},
		{apiRequest{path: "./logs/backend?tail=0"}, 400, `tail \"0\": want 1 to 10000 lines`},
		{apiRequest{path: "./logs/backend?tail=10001"}, 400, `want 1 to 10000 lines`},
		{apiRequest{path: "./logs/backend?tail=ten"}, 400, `tail \"ten\"`},
		{apiRequest{path: "./logs?since=soon"}, 400, `since \"soon\": want a duration`},
		{apiRequest{path: "./logs?until=never"}, 400, `until \"never\"`},
		{apiRequest{path: "./logs?grep=("}, 400, "missing closing )"},
		{apiRequest{path: "./logs?stream=both"}, 400, `stream \"both\"`},
		{apiRequest{path: "./logs?format=xml"}, 400, `format \"xml\"`},
		{apiRequest{path: "./logs?lines=5"}, 400, `parameter \"lines\" is not known`},
		{apiRequest{path: "./health?x=1"}, 400, "not known"},
		{apiRequest{path: "./events?tail=x"}, 400, `tail \"x\"`},
		{apiRequest{path: "./services/web"}, 400, "not part of the stack"},
		{apiRequest{path: "/api/v1/projects/other/logs/backend"}, 404, `project \"other\" is not served here`},
		{apiRequest{path: "/api/v1/projects/other/health"}, 404, "not served here"},
		{apiRequest{path: "/api/v2", unknown: true}, 404, "there is nothing"},
		{apiRequest{method: "DELETE", path: "./logs/backend", unknown: true}, 405, "want GET, HEAD"},
		{apiRequest{path: "./services/backend/restart", unknown: true}, 405, "want POST"},
		{apiRequest{method: "POST", path: "./services/backend/restart"}, 401, "unauthorized"},
		{apiRequest{method: "POST", path: "./services/backend/restart", headers: map[string]string{"Authorization": "Bearer wrong"}}, 401, "unauthorized"},
		{a.restart("web"), 400, "not part of the stack"},
		{field, 400, `unknown field`},
		{form, 415, "application/json"},
		{large, 413, "too large"},
		{origin, 403, "other origins are refused"},
		{apiRequest{path: "./logs/backend", headers: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, "cross_origin"},
		{apiRequest{path: "./logs/backend", headers: map[string]string{"Host": "rebound.example"}}, 421, "unknown_host"},
	} {
		response, body := a.do(c.ask)
		var problem struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal([]byte(body), &problem); err != nil || problem.Error.Message == "" || response.StatusCode != c.status || !strings.Contains(body, c.want) {
			a.Errorf("%s %s: %d %s, want %d and %s", c.ask.method, c.ask.path, response.StatusCode, body, c.status, c.want)
		}
	}
}

// A command is run with a stdin, and answered as JSON or with Docker's stream. Bytes come through the tunnel as they are.
func (a *api) testExec() {
	ask := apiRequest{method: http.MethodPost, path: "./services/backend/exec?command=" + url.QueryEscape("sh -c 'id -u; cat; exit 3'"), body: "stdin"}
	if response, _ := a.do(ask); response.StatusCode != 401 {
		a.Errorf("exec without the token: %d", response.StatusCode)
	}
	ask.headers = map[string]string{"Authorization": "Bearer " + a.token}
	if response, body := a.do(ask); response.StatusCode != 200 || !strings.Contains(body, `"exitCode":3`) || !strings.Contains(body, `"stdout":"1000\nstdin"`) {
		a.Errorf("exec: %d %s", response.StatusCode, body)
	}
	ask.path = "./services/backend/exec?command=no-such-program"
	if response, body := a.do(ask); response.StatusCode != 400 || !strings.Contains(body, "not found, or not executable") {
		a.Errorf("exec: %d %s", response.StatusCode, body)
	}
	ask.path, ask.body = "./services/backend/exec?command=cat", strings.Repeat("\x00\xff bytes\n", 1<<20)
	request := a.request(ask)
	request.Header.Set("Accept", "application/vnd.docker.multiplexed-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.Fatal(err)
	}
	defer response.Body.Close()
	var output []byte
	for err == nil {
		header := make([]byte, 8)
		if _, err = io.ReadFull(response.Body, header); err == nil {
			piece := make([]byte, binary.BigEndian.Uint32(header[4:]))
			_, err = io.ReadFull(response.Body, piece)
			output = append(output, piece...)
		}
	}
	if string(output) != ask.body || err != io.EOF || response.Trailer.Get("Stack-Exit-Code") != "0" {
		a.Errorf("exec: %d bytes of %d, %v, %v", len(output), len(ask.body), err, response.Trailer)
	}
}

// A restart is answered when the service is healthy again; another one meanwhile is refused.
func (a *api) testRestart() {
	var wait sync.WaitGroup
	wait.Go(func() {
		response, body := a.do(a.restart("backend"))
		if response.StatusCode != 200 || !strings.Contains(body, `"success":true`) || !strings.Contains(body, "backend restarted: pid") {
			a.Errorf("restart: %d %s", response.StatusCode, body)
		}
	})
	var one struct{ State string }
	a.until("restarting", func() bool {
		a.read("./services/backend", 200, &one)
		return one.State == "restarting"
	})
	if response, body := a.do(a.restart("backend")); response.StatusCode != 409 || !strings.Contains(body, "backend is being restarted") {
		a.Errorf("while one runs: %d %s", response.StatusCode, body)
	}
	wait.Wait()
	if status, _ := a.get("backend", "/health"); status != 200 {
		a.Errorf("afterwards: %d", status)
	}
}

// The stream goes on across a restart of the service, and a client that was away misses nothing.
func (a *api) testEvents() {
	first := a.listen("")
	first.has("a state", func(name, data string) bool { return name == "state" && strings.Contains(data, `"healthy":true`) })
	a.get("backend", "/print/before")
	first.has("a line", func(name, data string) bool { return name == "logs" && strings.Contains(data, `"before"`) })
	if response, body := a.do(a.restart("backend")); response.StatusCode != 200 {
		a.Fatalf("restart: %d %s", response.StatusCode, body)
	}
	first.has("the restart", func(name, data string) bool { return name == "state" && strings.Contains(data, `"restarting"`) })
	a.get("backend", "/print/after")
	first.has("a line of the new process", func(name, data string) bool { return name == "logs" && strings.Contains(data, `"after"`) })
	first.end()
	a.get("backend", "/print/meanwhile")
	second := a.listen(first.last())
	second.has("what was missed", func(name, data string) bool { return name == "logs" && strings.Contains(data, `"meanwhile"`) })
	for _, data := range second.received() {
		if strings.Contains(data, `"after"`) {
			a.Errorf("sent again: %s", data)
		}
	}
}

// listener is a client of the stream.
type listener struct {
	*api
	end    context.CancelFunc
	mu     sync.Mutex
	events [][2]string // name and data
	id     string
}

func (a *api) listen(lastID string) *listener {
	a.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	a.Cleanup(cancel)
	request := a.request(apiRequest{path: "./events?tail=10"}).WithContext(ctx)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.Fatal(err)
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		a.Fatalf("events: %s %s", response.Status, response.Header.Get("Content-Type"))
	}
	l := &listener{api: a, end: cancel}
	go func() {
		defer response.Body.Close()
		scanner := bufio.NewScanner(response.Body)
		scanner.Buffer(nil, 16<<20)
		var name string
		for scanner.Scan() {
			field, value, _ := strings.Cut(scanner.Text(), ": ")
			l.mu.Lock()
			switch field {
			case "event":
				name = value
			case "id":
				l.id = value
			case "data":
				l.events = append(l.events, [2]string{name, value})
			}
			l.mu.Unlock()
		}
	}()
	return l
}

func (l *listener) has(what string, condition func(name, data string) bool) {
	l.Helper()
	l.until(what, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return slices.ContainsFunc(l.events, func(e [2]string) bool { return condition(e[0], e[1]) })
	})
}

func (l *listener) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id
}

func (l *listener) received() (data []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		data = append(data, e[1])
	}
	return data
}

// Where it is private, reading needs the token; where it has no port, there is none.
func TestAPIPrivateAndOff(t *testing.T) {
	t.Parallel()
	s := plain(t, "--api-private", "--api-hosts", "devbox.example.com")
	up := s.up()
	a := up.api()
	if response, body := a.do(apiRequest{path: "./logs/backend"}); response.StatusCode != 401 {
		t.Errorf("without the token: %d %s", response.StatusCode, body)
	}
	headers := map[string]string{"Authorization": "Bearer " + a.token, "Host": fmt.Sprintf("devbox.example.com:%d", s.ports["api"])}
	if response, body := a.do(apiRequest{path: "./logs/backend", headers: headers}); response.StatusCode != 200 {
		t.Errorf("with the token: %d %s", response.StatusCode, body)
	}
	up.end()
	s.ports["api"] = 0
	up = s.up()
	up.until("that it is up", func() bool { return strings.Contains(up.printed(), "tunnel started") })
	if strings.Contains(up.printed(), "dashboard") {
		t.Errorf("a dashboard without a port\n%s", tail(up.printed()))
	}
}
