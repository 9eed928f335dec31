package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// protocolClient is a client of the protocol. Its requests have the token, if it has one.
type protocolClient struct {
	*testing.T
	*mcp.ClientSession
}

type withToken string

func (t withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	if t != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+string(t))
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (s *served) mcp(token string) protocolClient {
	s.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(context.Background(), &mcp.StreamableClientTransport{Endpoint: s.url + "/mcp", HTTPClient: &http.Client{Transport: withToken(token)}}, nil)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { session.Close() })
	return protocolClient{s.T, session}
}

// call is what a tool answers, and whether that is an error.
func (a protocolClient) call(name string, args map[string]any) (text string, failed bool) {
	a.Helper()
	result, err := a.CallTool(context.Background(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return err.Error(), true
	}
	for _, content := range result.Content {
		text += content.(*mcp.TextContent).Text
	}
	return text, result.IsError
}

func agentsStack(t *testing.T, config Config) *served {
	t.Helper()
	s := serve(t, config)
	s.Resolved = []byte(`{"name": "shop", "services": [{"name": "postgres", "image": "postgres:15-alpine"}, {"name": "backend", "command": ["serve"]}]}`)
	s.state.WriteRun(state.Run{Services: []string{"postgres", "backend"}})
	s.service("postgres", state.Healthy)
	log := s.log(s.service("backend", state.Unhealthy))
	if err := log.Copy(logstore.Stdout, strings.NewReader("begun\n"+strings.Repeat(strings.Repeat("x", 99)+"\n", 900)+"ERROR: no such table\n")); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAgentReads(t *testing.T) {
	a := agentsStack(t, Config{}).mcp("")
	for _, row := range []struct {
		tool   string
		args   map[string]any
		failed bool
		want   []string
	}{
		{"services", nil, false, []string{`"service": "postgres"`, `"health": "unhealthy"`, `"healthy": false`}},
		{"services", map[string]any{"service": "backend"}, false, []string{`"service": "backend"`}},
		{"services", map[string]any{"service": "web"}, true, []string{`service "web" is not part of the stack: want one of postgres, backend`}},
		{"logs", map[string]any{"service": "backend", "grep": "^ERROR"}, false, []string{"ERROR: no such table"}},
		{"logs", map[string]any{"tail": 1}, false, []string{"backend", "ERROR: no such table"}},
		{"logs", map[string]any{"grep": "nowhere"}, false, []string{"no line matches"}},
		{"logs", map[string]any{"grep": "("}, true, []string{"missing closing )"}},
		{"logs", map[string]any{"tail": 1001}, true, []string{"tail 1001: want 1 to 1000"}},
		{"logs", map[string]any{"lines": 5}, true, []string{"lines"}},
		{"events", nil, false, []string{"nothing has happened"}},
		{"config", nil, false, []string{`"image": "postgres:15-alpine"`, `"command": [`}},
		{"config", map[string]any{"service": "web"}, true, []string{`want one of postgres, backend`}},
		{"snapshots", nil, true, []string{"the stack has no data that can be copied"}},
	} {
		text, failed := a.call(row.tool, row.args)
		for _, want := range row.want {
			if failed != row.failed || !strings.Contains(text, want) {
				t.Errorf("%s %v: %v, %q is not in %q", row.tool, row.args, failed, want, text)
			}
		}
	}
	if text, _ := a.call("config", map[string]any{"service": "backend"}); strings.Contains(text, "postgres") {
		t.Errorf("config of one service: %s", text)
	}
	text, _ := a.call("logs", map[string]any{"tail": 1000})
	if len(text) > toolTextMax+200 || !strings.HasPrefix(text, "[") || !strings.Contains(text[:200], "before this are left out: ask with grep") || !strings.HasSuffix(text, "ERROR: no such table\n") {
		t.Errorf("a long log: %d bytes, %.200q", len(text), text)
	}
}

// Without the token nothing is changed, and the answer says what to do; who may not read logs may not use anything.
func TestAgentToken(t *testing.T) {
	s := agentsStack(t, Config{NoShell: true})
	stranger, trusted := s.mcp(""), s.mcp(s.Token)
	for tool, args := range map[string]map[string]any{
		"restart": {"service": "backend"}, "exec": {"service": "backend", "command": "true"}, "snapshot": {"name": "clean"}, "rollback": {"name": "clean"},
	} {
		if text, failed := stranger.call(tool, args); !failed || !strings.Contains(text, "Authorization: Bearer TOKEN") {
			t.Errorf("%s without the token: %q", tool, text)
		}
		if text, failed := trusted.call(tool, args); !failed || strings.Contains(text, "token") {
			t.Errorf("%s with it: %q", tool, text)
		}
	}
	if text, _ := trusted.call("exec", map[string]any{"service": "backend", "command": "true"}); !strings.Contains(text, "--api-shell=false") {
		t.Errorf("exec: %q", text)
	}
	tools, err := stranger.ListTools(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools.Tools {
		names = append(names, fmt.Sprint(tool.Name, " ", tool.Annotations != nil && tool.Annotations.ReadOnlyHint))
	}
	want := "config true, events true, exec false, logs true, restart false, rollback false, services true, snapshot false, snapshots true"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("tools: %s", got)
	}

	private := agentsStack(t, Config{Private: true})
	for name, row := range map[string]struct {
		headers map[string]string
		status  int
	}{
		"no token": {nil, 401}, "another origin": {map[string]string{"Origin": "https://evil.example", "Authorization": "Bearer " + private.Token}, 403},
		"a name that points here": {map[string]string{"Host": "evil.example", "Authorization": "Bearer " + private.Token}, 421},
	} {
		if response, _ := private.do(request{method: http.MethodPost, path: "/mcp", body: "{}", headers: row.headers}); response.StatusCode != row.status {
			t.Errorf("%s: %d, want %d", name, response.StatusCode, row.status)
		}
	}
	private.mcp(private.Token).call("services", nil)
	if response, _ := private.do(request{path: "/mcp", headers: private.bearer()}); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", response.StatusCode)
	}
}
