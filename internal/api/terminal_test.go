//go:build root

package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// dial opens a terminal as the page does.
func (s *served) dial(query, token string) (*websocket.Conn, *http.Response, error) {
	s.Helper()
	address := strings.Replace(s.url, "http", "ws", 1) + base + "/services/backend/terminal?" + query
	return websocket.Dial(s.Context(), address, &websocket.DialOptions{Subprotocols: []string{terminalProtocol, tokenProtocol + token}})
}

// screen is a terminal that somebody has open.
type screen struct {
	*served
	conn   *websocket.Conn
	shown  string
	result protocol.ExecResult
	failed string
}

func (s *served) screen(query string) *screen {
	s.Helper()
	conn, _, err := s.dial(query, s.Token)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.CloseNow() })
	return &screen{served: s, conn: conn}
}

func (s *screen) send(kind socket.Frame, text string) {
	s.Helper()
	if err := s.conn.Write(s.Context(), websocket.MessageBinary, append([]byte{byte(kind)}, text...)); err != nil {
		s.Fatal(err)
	}
}

// read reads until that is there, or else the terminal has ended.
func (s *screen) read(done func() bool) {
	s.Helper()
	for !done() {
		_, message, err := s.conn.Read(s.Context())
		if err != nil {
			s.Fatalf("%v, after %q", err, s.shown)
		}
		switch text := message[1:]; socket.Frame(message[0]) {
		case socket.FrameStdout:
			s.shown += string(text)
		case socket.FrameResult:
			if err := json.Unmarshal(text, &s.result); err != nil {
				s.Fatal(err)
			}
			return
		case socket.FrameFailure:
			s.failed = string(text)
			return
		}
	}
}

func (s *screen) shows(want string) {
	s.Helper()
	s.read(func() bool { return strings.Contains(s.shown, want) })
}

func never() bool { return false }

func TestTerminal(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	shell := s.screen("rows=20&columns=70&command=sh+-i")
	shell.send(socket.FrameStdin, "stty size\n")
	shell.shows("20 70")
	shell.send(socket.FrameResize, `{"rows": 33, "columns": 99}`)
	shell.send(socket.FrameStdin, "stty size\n")
	shell.shows("33 99")
	shell.send(socket.FrameStdin, "exit 5\n")
	if shell.read(never); shell.result.Code != 5 {
		t.Errorf("%+v", shell.result)
	}

	for query, want := range map[string]string{"command=no-such-program": "not found, or not executable", "": ""} {
		program := s.screen("rows=1&columns=1000&" + query)
		program.send(socket.FrameStdin, "exit\n")
		if program.read(never); !strings.Contains(program.failed, want) || want == "" && program.failed != "" {
			t.Errorf("%s: %q", query, program.failed)
		}
	}

	// A page that leaves takes its shell along.
	shell = s.screen("rows=20&columns=70&command=" + url.QueryEscape("sh -c 'echo begun; exec sleep 99'"))
	shell.shows("begun")
	shell.conn.CloseNow()
	until(t, "a free place", func() bool { return len(s.execs) == 0 })
}

// Who has no token, no WebSocket or no sensible size gets no terminal, and nobody does where they are turned off.
func TestTerminalRefuses(t *testing.T) {
	s, off := serve(t, Config{}), serve(t, Config{NoShell: true})
	s.startAgent()
	const sized = "rows=20&columns=70"
	for _, c := range []struct {
		served       *served
		query, token string
		status       int
	}{
		{s, sized, "", 401},
		{s, sized, "wrong", 401},
		{s, "rows=20", s.Token, 400},
		{s, "rows=0&columns=70", s.Token, 400},
		{s, "rows=20&columns=1001", s.Token, 400},
		{s, sized + "&user=root", s.Token, 400},
		{s, sized + "&command=sh+-c+'open", s.Token, 400},
		{off, sized, off.Token, 403},
	} {
		if _, response, err := c.served.dial(c.query, c.token); err == nil || response.StatusCode != c.status {
			t.Errorf("%s: %v %v", c.query, response, err)
		}
	}
	path := base + "/services/backend/terminal?" + sized
	for _, c := range []struct {
		served  *served
		request request
		status  int
		want    string
	}{
		{s, request{path: path, headers: s.bearer()}, 426, "a terminal is a WebSocket"},
		{s, request{path: path, headers: map[string]string{"Origin": "https://evil.example", "Sec-WebSocket-Protocol": "stack, token." + s.Token}}, 403, "other origins"},
		{s, request{path: base + "/services/backend/restart", method: "POST", headers: map[string]string{"Sec-WebSocket-Protocol": "token." + s.Token}}, 401, "token"},
		{off, request{path: base + "/services/backend/exec?command=true", method: "POST", headers: off.bearer()}, 403, "--api-shell=false"},
	} {
		if response, body := c.served.do(c.request); response.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.request.path, response.StatusCode, body)
		}
	}
}
