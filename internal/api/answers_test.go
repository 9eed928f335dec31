package api

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

const base = "/api/v1/projects/shop"

// Every bad request has the documented status, and an error in JSON that says what is wrong.
func TestBadRequests(t *testing.T) {
	s := serve(t, Config{Hosts: []string{"devbox.example.com"}})
	s.service("postgres", state.Healthy)
	s.state.Service("ended").Create()
	s.state.WriteRun(state.Run{Services: []string{"postgres", "ended"}})
	post := func(path, body string, headers ...string) request {
		r := request{method: http.MethodPost, path: base + path, body: body, headers: s.bearer()}
		for i := 0; i < len(headers); i += 2 {
			r.headers[headers[i]] = headers[i+1]
		}
		return r
	}
	const restart = "/services/postgres/restart"
	jsonBody := []string{"Content-Type", "application/json"}
	for _, c := range []struct {
		name   string
		ask    request
		status int
		want   string // in the message
	}{
		{"service", request{path: base + "/logs/web"}, 400, `service "web" is not part of the stack: want one of postgres, ended`},
		{"service with slashes", request{path: base + "/logs/..%2f..%2fetc"}, 400, `service "../../etc" is not part of the stack`},
		{"tail is a word", request{path: base + "/logs/postgres?tail=many"}, 400, `tail "many": want 1 to 10000 lines`},
		{"tail 0", request{path: base + "/logs/postgres?tail=0"}, 400, `tail "0": want 1 to 10000 lines`},
		{"tail too large", request{path: base + "/logs/postgres?tail=10001"}, 400, `tail "10001": want 1 to 10000 lines`},
		{"tail below 0", request{path: base + "/logs?tail=-1"}, 400, `tail "-1": want 1 to 10000 lines`},
		{"tail empty", request{path: base + "/logs?tail="}, 400, `tail "": want`},
		{"tail twice", request{path: base + "/logs?tail=1&tail=2"}, 400, `parameter "tail" is given 2 times`},
		{"since", request{path: base + "/logs?since=soon"}, 400, `since "soon": want a duration such as 10m`},
		{"until before since", request{path: base + "/logs?since=1m&until=2m"}, 400, "is before since"},
		{"grep", request{path: base + "/logs?grep=("}, 400, "missing closing )"},
		{"stream", request{path: base + "/logs?stream=both"}, 400, `stream "both": want stdout or stderr`},
		{"format", request{path: base + "/logs?format=xml"}, 400, `format "xml": want text or json`},
		{"timestamps", request{path: base + "/logs?timestamps=maybe"}, 400, `timestamps "maybe": want true or false`},
		{"unknown parameter", request{path: base + "/logs?tial=5"}, 400, `parameter "tial" is not known: want one of tail,`},
		{"no parameters", request{path: base + "/health?x=1"}, 400, `parameter "x" is not known: there is none here`},
		{"query", request{path: base + "/logs?tail=%zz"}, 400, "cannot be read"},
		{"service of events", request{path: base + "/events?service=web"}, 400, `service "web" is not part`},
		{"tail of events", request{path: base + "/events?tail=x"}, 400, `tail "x"`},
		{"name of a snapshot", post("/snapshots/a%20b", ""), 400, `the name "a b" of a snapshot: want 1 to 32 letters, digits, dots and hyphens`},
		{"name of a rollback", post("/snapshots/"+strings.Repeat("x", 33)+"/rollback", ""), 400, `want 1 to 32 letters`},
		{"nothing to copy", post("/snapshots/clean", ""), 400, `the stack has no data that can be copied`},
		{"number of clones", post("/snapshots/clean/clones?count=many", ""), 400, `count "many": want 1 to 500 databases`},
		{"no clones", post("/snapshots/clean/clones?count=0", ""), 400, `count 0: want 1 to 500 databases`},
		{"parameter of clones", post("/snapshots/clean/clones?cuont=1", ""), 400, `parameter "cuont" is not known: want one of count, service, database`},
		{"snapshot without the token", request{method: http.MethodPost, path: base + "/snapshots/clean"}, 401, "token"},
		{"URLs without the token", request{path: base + "/urls"}, 401, "token"},
		{"drop without the token", request{method: http.MethodDelete, path: base + "/snapshots/clean"}, 401, "token"},
		{"service state", request{path: base + "/services/web"}, 400, `service "web" is not part`},
		{"project", request{path: "/api/v1/projects/other/logs/postgres"}, 404, `project "other" is not served here: this is "shop"`},
		{"project of health", request{path: "/api/v1/projects/other/health"}, 404, `project "other"`},
		{"path", request{path: "/api/v1/nothing"}, 404, "there is nothing at /api/v1/nothing"},
		{"asset", request{path: "/../../etc/passwd"}, 404, "there is nothing"},
		{"method", request{method: "DELETE", path: base + "/logs/postgres"}, 405, "DELETE is not possible here: want GET, HEAD"},
		{"GET of restart", request{path: base + restart}, 405, "want POST"},
		{"preflight", request{method: "OPTIONS", path: base + restart}, 405, "want POST"},
		{"no token", request{method: "POST", path: base + restart}, 401, "Authorization: Bearer TOKEN"},
		{"wrong token", request{method: "POST", path: base + restart, headers: map[string]string{"Authorization": "Bearer x"}}, 401, "Authorization"},
		{"basic", request{method: "POST", path: base + restart, headers: map[string]string{"Authorization": "Basic eDp5"}}, 401, "Authorization"},
		{"restart: service", post("/services/web/restart", ""), 400, `service "web" is not part of the stack`},
		{"restart: not running", post("/services/ended/restart", ""), 503, `service "ended" does not run, though others`},
		{"restart: not JSON", post(restart, "{", jsonBody...), 400, "the body: "},
		{"restart: unknown field", post(restart, `{"dependents":true}`, jsonBody...), 400, `unknown field "dependents"`},
		{"restart: two values", post(restart, `{} {}`, jsonBody...), 400, "more than one"},
		{"restart: timeout", post(restart, `{"timeout":"soon"}`, jsonBody...), 400, `timeout "soon": want a duration`},
		{"restart: timeout too long", post(restart, `{"timeout":"1h"}`, jsonBody...), 400, `timeout "1h": want at most 10m0s`},
		{"restart: form", post(restart, "a=b", "Content-Type", "application/x-www-form-urlencoded"), 415, "want application/json"},
		{"restart: large", post(restart, strings.Repeat(" ", requestMax+1), jsonBody...), 413, "too large"},
		{"restart: parameter", post(restart+"?force=1", ""), 400, `parameter "force"`},
		{"origin", post(restart, "", "Origin", "https://evil.example"), 403, "other origins are refused"},
		{"origin of a neighbour", post(restart, "", "Origin", "http://localhost:3000"), 403, "other origins"},
		{"cross-site", request{path: base + "/logs/postgres", headers: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, "other origins"},
		{"same site, other port", request{path: base + "/logs/postgres", headers: map[string]string{"Sec-Fetch-Site": "same-site"}}, 403, "other origins"},
		{"rebound name", request{path: base + "/logs/postgres", headers: map[string]string{"Host": "evil.example:9002"}}, 421, `host "evil.example:9002" is not a name of this API`},
		{"rebound page", request{path: "/", headers: map[string]string{"Host": "localhost.evil.example"}}, 421, "not a name"},
	} {
		response, body := s.do(c.ask)
		var got struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.Error.Code == "" ||
			response.StatusCode != c.status || !strings.Contains(got.Error.Message, c.want) {
			t.Errorf("%s: %d %s, want %d and %q", c.name, response.StatusCode, body, c.status, c.want)
		}
		if response.StatusCode == 405 && response.Header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.name)
		}
		if response.Header.Get("Access-Control-Allow-Origin") != "" || response.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", c.name, response.Header)
		}
	}
	for _, host := range []string{"localhost:9002", "LOCALHOST", "127.0.0.1:1", "[::1]:9002", "10.0.0.7", "stack:9002", "x.localhost", "abc.def.dagger.local:9002", "devbox.example.com:9002"} {
		if response, body := s.do(request{path: base + "/stats", headers: map[string]string{"Host": host}}); response.StatusCode != 200 {
			t.Errorf("host %s: %d %s", host, response.StatusCode, body)
		}
	}
}

// Where reading needs the token, everything but the page and the document does.
func TestPrivate(t *testing.T) {
	s := serve(t, Config{Private: true})
	s.service("postgres", state.Healthy)
	for path, want := range map[string]int{
		"/": 200, "/openapi.json": 200,
		"/api/v1/projects": 401, base + "/logs/postgres": 401, base + "/events": 401, base + "/health": 401, "/api/v1/projects/other/health": 401,
	} {
		if response, body := s.do(request{path: path}); response.StatusCode != want {
			t.Errorf("%s: %d, want %d: %s", path, response.StatusCode, want, body)
		}
	}
	if response, body := s.do(request{path: base + "/health", headers: s.bearer()}); response.StatusCode != 200 {
		t.Errorf("with the token: %d %s", response.StatusCode, body)
	}
	info, err := os.Stat(filepath.Join(s.state.Root(), "secrets", TokenName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file: %v, %v", info, err)
	}
}

func TestHealthAndStats(t *testing.T) {
	s := serve(t, Config{})
	var problem struct {
		report
		Error struct{ Code, Message string }
	}
	s.get("/shop/health", 503, &problem)
	if problem.Error.Code != "not_running" || !strings.Contains(problem.Error.Message, "never ran") {
		t.Errorf("before the first up: %+v", problem)
	}
	postgres := s.service("postgres", state.Healthy)
	backend := s.service("backend", state.Healthy)
	s.state.WriteRun(state.Run{Services: []string{"postgres", "backend"}})
	s.status(postgres, state.Status{
		Health: state.Healthy, Phase: state.Running, PID: 7, Started: time.Now().Add(-61 * time.Second),
		Limits: spec.Limits{CPUs: 1, Memory: 1 << 30, Pids: 256}, Enforced: state.ByKernel,
		Usage: &state.Usage{Memory: 1 << 20, CPUs: 0.25, Pids: 3},
	})
	var healthy report
	s.get("/shop/health", 200, &healthy)
	if !healthy.Healthy || healthy.Project != "shop" || len(healthy.Services) != 2 || healthy.Services[0].Uptime < 60 || healthy.Services[1].Usage != nil {
		t.Errorf("healthy: %+v", healthy)
	}
	var stats struct{ Services []stat }
	s.get("/shop/stats", 200, &stats)
	if got := stats.Services[0]; got.Name != "postgres" || got.Usage.Memory != 1<<20 || got.Limits.Memory != 1<<30 || got.Enforced != "kernel" {
		t.Errorf("stats: %+v", stats)
	}
	s.status(backend, state.Status{Health: state.Unhealthy, Phase: state.Running, PID: 8, Streak: 3, Probes: []state.Result{{ExitCode: 1, Output: "status 500"}}})
	s.get("/shop/health", 503, &problem)
	if problem.Error.Code != "unhealthy" || !strings.Contains(problem.Error.Message, "backend is unhealthy: 3 failed in a row: status 500") || len(problem.Services) != 2 {
		t.Errorf("unhealthy: %+v", problem)
	}
	var one service
	s.get("/shop/services/backend", 200, &one)
	if one.Name != "backend" || one.Health != state.Unhealthy || one.FailingStreak != 3 || one.LastProbe.Output != "status 500" || one.PID != 8 {
		t.Errorf("service: %+v", one)
	}
	var hub struct{ Projects []listed }
	s.get("", 200, &hub)
	if len(hub.Projects) != 1 || hub.Projects[0].Name != "shop" || hub.Projects[0].Healthy || strings.Join(hub.Projects[0].Services, " ") != "postgres backend" {
		t.Errorf("projects: %+v", hub)
	}
}

func TestLogs(t *testing.T) {
	s := serve(t, Config{})
	postgres, backend := s.log(s.service("postgres", state.Healthy)), s.log(s.service("backend", state.Healthy))
	for _, write := range []struct {
		log    *logstore.Writer
		stream logstore.Stream
		text   string
	}{
		{postgres, logstore.Stderr, "ready\n"}, {backend, logstore.Stdout, "<b>one</b>\n"}, {backend, logstore.Stderr, "two \xff\n"}, {postgres, logstore.Stderr, "three\n"},
	} {
		if err := write.log.Copy(write.stream, strings.NewReader(write.text)); err != nil {
			t.Fatal(err)
		}
	}
	type answer struct {
		Project, Service string
		Lines            int
		Logs             *string
		Entries          []logstore.Line
	}
	for path, want := range map[string]string{
		"/logs/backend":                      "<b>one</b>\ntwo \ufffd\n",
		"/logs/backend?tail=1":               "two \ufffd\n",
		"/logs/backend?stream=stdout":        "<b>one</b>\n",
		"/logs/backend?grep=%5Etwo":          "two \ufffd\n",
		"/logs/backend?grep=nothing":         "",
		"/logs/backend?since=1ns":            "",
		"/logs?tail=2":                       "backend  | two \ufffd\npostgres | three\n",
		"/logs?format=text&timestamps=false": "postgres | ready\nbackend  | <b>one</b>\nbackend  | two \ufffd\npostgres | three\n",
	} {
		var got answer
		s.get("/shop"+path, 200, &got)
		if got.Logs == nil || *got.Logs != want || got.Lines != strings.Count(want, "\n") || got.Project != "shop" || got.Entries != nil {
			t.Errorf("%s: %+v, want %q", path, got, want)
		}
	}
	var got answer
	s.get("/shop/logs/backend?format=json", 200, &got)
	if got.Service != "backend" || got.Lines != 2 || got.Logs != nil || len(got.Entries) != 2 || got.Entries[0].Text != "<b>one</b>" ||
		got.Entries[1].Stream != "stderr" || got.Entries[0].Service != "backend" || got.Entries[0].Time.IsZero() {
		t.Errorf("entries: %+v", got)
	}
	s.get("/shop/logs?format=json&grep=nothing", 200, &got)
	if got.Lines != 0 || got.Entries == nil || len(got.Entries) != 0 {
		t.Errorf("no entries: %+v", got)
	}
}

// The page and all that it names are served, typed, and from here alone.
func TestDashboardFiles(t *testing.T) {
	s := serve(t, Config{})
	pending, seen := []string{"", "terminal.html"}, map[string]bool{}
	reference := regexp.MustCompile(`(?:src|href)="([^"#]+)"|from "\./([^"]+)"`)
	for len(pending) > 0 {
		name := pending[0]
		pending = pending[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		response, body := s.do(request{path: "/" + name})
		kind := response.Header.Get("Content-Type")
		if response.StatusCode != 200 || kind == "application/octet-stream" || response.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("/%s: %d %s", name, response.StatusCode, kind)
		}
		if strings.Contains(body, "innerHTML") || !strings.HasPrefix(name, "vendor/") && strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), "https://") {
			t.Errorf("/%s: makes HTML of text, or names another host", name)
		}
		for _, found := range reference.FindAllStringSubmatch(body, -1) {
			pending = append(pending, found[1]+found[2])
		}
	}
	if len(seen) < 16 {
		t.Errorf("served: %v", seen)
	}
}
