package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// A conversation is told as lines: > is what the client says, < what the service answers.
func hold(conversation string, size int) *talk {
	t := newTalk()
	for line := range strings.Lines(conversation) {
		who, text := line[0], strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00", `\4`, "\x04").Replace(strings.TrimSuffix(line[1:], "\n"))
		for len(text) > 0 {
			part := text[:min(size, len(text))]
			text = text[len(part):]
			if who == '>' {
				t.said([]byte(part))
			} else {
				t.answered([]byte(part))
			}
		}
	}
	return t
}

func TestClientWaits(t *testing.T) {
	const get, ok = `>GET / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n", `<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok` + "\n"
	for name, c := range map[string]struct {
		conversation string
		waits        bool
	}{
		"nothing was said":               {"", true},
		"answered":                       {get + ok, false},
		"answered twice":                 {get + ok + get + ok, false},
		"two requests at once":           {get + get + ok + ok, false},
		"the second is not answered":     {get + ok + get, true},
		"of two at once, too":            {get + get + ok, true},
		"half a request":                 {get + ok + `>GET /`, true},
		"half an answer":                 {get + `<HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok`, true},
		"half a head":                    {get + `<HTTP/1.1 200 OK\r\nContent-Le`, true},
		"as long as it comes":            {get + `<HTTP/1.1 200 OK\r\n\r\nok`, true},
		"chunks":                         {get + `<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, false},
		"chunks without the last":        {get + `<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`, true},
		"a server of HTTP/1.0":           {get + `<HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok`, false},
		"a server that says it closes":   {get + `<HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok`, false},
		"a client of HTTP/1.0":           {`>GET / HTTP/1.0\r\n\r\n` + "\n" + ok, true},
		"a client that asks for the end": {`>GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n` + "\n" + ok, true},
		"HEAD":                           {`>HEAD / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n`, false},
		"HEAD, no length":                {`>HEAD / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\n\r\n`, false},
		"not modified":                   {get + `<HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n`, false},
		"no content":                     {get + `<HTTP/1.1 204 No Content\r\n\r\n`, false},
		"a body":                         {`>POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi` + "\n" + ok, false},
		"half a body, refused":           {`>POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nhi` + "\n" + ok, true},
		"a body when told to go on":      {`>POST / HTTP/1.1\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n` + "\n" + `<HTTP/1.1 100 Continue\r\n\r\n` + "\n" + `>hi` + "\n" + ok, false},
		"told to go on, and no more":     {`>POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi` + "\n" + `<HTTP/1.1 100 Continue\r\n\r\n`, true},
		"a WebSocket":                    {`>GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n` + "\n" + `<HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, true},
		"CONNECT":                        {`>CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`, true},
		"an answer to nothing":           {`<HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n`, true},
		"an answer too many":             {get + ok + ok, true},
		"HTTP/2":                         {`>PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n` + "\n" + `<\0\0`, true},
		"redis":                          {`>*1\r\n$4\r\nPING\r\n` + "\n" + `<+PONG\r\n`, true},
		"a service that speaks first":    {`<220 mail\r\n` + "\n" + `>HELO a\r\n`, true},
		"postgres":                       {`>\0\0\0\4Q\0\0\0\4` + "\n" + `<Z`, true},
		"postgres, leave is taken":       {`>\0\0\0\4Q\0\0\0\4` + "\n" + `<Z` + "\n" + `>X\0\0\0\4`, false},
		"a head without end":             {get + ok + `>GET /` + strings.Repeat("a", http.DefaultMaxHeaderBytes), true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 7, 1 << 21} {
				talk := hold(c.conversation, size)
				if got := talk.clientWaits(); got != c.waits {
					t.Errorf("in parts of %d: %v, want %v", size, got, c.waits)
				}
				talk.close()
			}
		})
	}
}

// However it comes in parts, it is the same.
func FuzzTalk(f *testing.F) {
	f.Add(">GET / HTTP/1.1\r\nHost: a\r\n\r\n\n<HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 3)
	f.Fuzz(func(t *testing.T, conversation string, size int) {
		if size < 1 {
			t.Skip()
		}
		parts, whole := hold(conversation, size), hold(conversation, len(conversation)+1)
		defer parts.close()
		defer whole.close()
		if got, want := parts.clientWaits(), whole.clientWaits(); got != want {
			t.Errorf("in parts of %d: %v, else %v", size, got, want)
		}
	})
}
