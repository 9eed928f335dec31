//go:build root

package api

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/render"
)

// What a service's processes are, and a pause, a signal and their errors.
func TestActs(t *testing.T) {
	s := serve(t, Config{})
	folder := s.startAgent()
	var top struct{ Processes []running }
	s.get("/shop/services/backend/top", 200, &top)
	if len(top.Processes) == 0 || top.Processes[0].User != "nobody" || !strings.Contains(top.Processes[0].Command, "/bin/sh") {
		t.Errorf("%+v", top)
	}
	for _, c := range []struct {
		verb, body string
		status     int
		want       string
	}{
		{"pause", "", 200, `"message":"backend paused"`},
		{"pause", "", 400, "backend is paused already"},
		{"exec?command=true", "", 409, "backend is paused"},
		{"unpause", "", 200, `"message":"backend unpaused"`},
		{"unpause", "", 400, "backend is not paused"},
		{"kill", `{"signal": "nope"}`, 400, `signal \"nope\": want a name`},
		{"kill", `{"sig": "HUP"}`, 400, `unknown field \"sig\": want {\"signal\": \"SIGHUP\"}`},
		{"kill", `{"signal": "cont"}`, 200, "backend got SIGCONT"},
		{"kill", "", 200, "backend got SIGKILL"},
	} {
		r := request{method: http.MethodPost, path: base + "/services/backend/" + c.verb, body: c.body, headers: s.bearer()}
		if c.body != "" {
			r.headers["Content-Type"] = "application/json"
		}
		if response, body := s.do(r); response.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s", c.verb, c.body, response.StatusCode, body)
		}
	}
	until(t, "the next process", func() bool {
		status, _ := folder.Status()
		return status.Restarts == 1 && status.PID != 0
	})
	var past struct{ Events []render.Event }
	s.get("/shop/history?service=backend&tail=1000", 200, &past)
	var actions []string
	for _, event := range past.Events {
		actions = append(actions, event.Action)
	}
	if got := strings.Join(actions, " "); got != "start pause unpause kill kill die start" || past.Events[5].Attributes["signal"] != "SIGKILL" {
		t.Errorf("%s: %+v", got, past)
	}
	for query, want := range map[string]string{"?service=web": "not part of the stack", "?tail=0": `tail \"0\"`, "?follow=1": "not known", "?since=soon": `since \"soon\"`} {
		if response, body := s.do(request{path: base + "/history" + query}); response.StatusCode != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", query, response.StatusCode, body)
		}
	}
}

// An event is in the stream as it happens.
func TestActionsAreStreamed(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	response, err := http.Get(s.url + base + "/events?tail=1")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	asked := make(chan struct{})
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "event: state"):
			select {
			case <-asked:
			default: // the stream has begun; whether it follows by now is not told
				close(asked)
				go s.keepKilling(response)
			}
		case strings.Contains(line, `"action":"kill","attributes":{"signal":"SIGCONT"}`):
			return
		}
	}
	t.Error("no event", lines.Err())
}

// keepKilling sends signals that do no harm, until the test is over.
func (s *served) keepKilling(stream *http.Response) {
	for stream.Request.Context().Err() == nil {
		request, _ := http.NewRequestWithContext(s.Context(), http.MethodPost, s.url+base+"/services/backend/kill", strings.NewReader(`{"signal": "CONT"}`))
		request.Header.Set("Authorization", "Bearer "+s.Token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		response.Body.Close()
		time.Sleep(50 * time.Millisecond)
	}
}
