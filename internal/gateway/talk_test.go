package gateway

import (
	"strings"
	"testing"
	"time"
)

// A conversation is told as lines: > is what the client says, < what the service answers.
func hold(conversation string, size int) (t talk, told string) {
	unescape := strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00", `\1`, "\x01", `\4`, "\x04", `\5`, "\x05", `\x08`, "\x08", `\x03`, "\x03", `\xd2`, "\xd2", `\x16`, "\x16", `\x2f`, "\x2f", `\x10`, "\x10")
	var heard strings.Builder
	for line := range strings.Lines(conversation) {
		who, text := line[0], unescape.Replace(strings.TrimSuffix(line[1:], "\n"))
		for len(text) > 0 {
			part := text[:min(size, len(text))]
			text = text[len(part):]
			if t == nil && who == '>' {
				t = newTalk([]byte(part))
			} else if t == nil {
				t = &opaque{}
			}
			if who == '>' {
				t.said([]byte(part))
			} else {
				heard.Write(t.answered([]byte(part)))
			}
		}
	}
	return t, heard.String()
}

const (
	get   = `>GET / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n"
	ok    = `<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok` + "\n"
	ssl   = `>\0\0\0\x08\4\xd2\x16\x2f` + "\n"
	start = `>\0\0\0\x08\0\x03\0\0` + "\n"
	ready = `<Z\0\0\0\5I` + "\n"
)

var turns = map[turn]string{waits: "waits", rests: "rests", speaks: "speaks", again: "again"}

// What a client does when the service ends the connection behind a conversation.
func TestEnded(t *testing.T) {
	for name, c := range map[string]struct {
		conversation string
		then         turn
	}{
		"answered":                       {get + ok, rests},
		"answered twice":                 {get + ok + get + ok, rests},
		"two requests at once":           {get + get + ok + ok, rests},
		"not answered":                   {get, rests}, // by the service, but by the gateway
		"the second is not answered":     {get + ok + get, again},
		"a body that is not answered":    {get + ok + `>POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi`, rests},
		"of two at once":                 {get + get + ok, waits},
		"half a request":                 {get + ok + `>GET /`, speaks},
		"half an answer":                 {get + `<HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok`, waits},
		"half a head":                    {get + `<HTTP/1.1 200 OK\r\nContent-Le`, rests},
		"as long as it comes":            {get + `<HTTP/1.1 200 OK\r\n\r\nok`, rests},
		"chunks":                         {get + `<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, rests},
		"a trailer":                      {get + `<HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nA: b\r\n\r\n`, rests},
		"chunks without the last":        {get + `<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`, waits},
		"a server of HTTP/1.0":           {get + `<HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok`, rests},
		"a server that says it closes":   {get + `<HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok`, rests},
		"a client of HTTP/1.0":           {`>GET / HTTP/1.0\r\n\r\n` + "\n" + ok, waits},
		"HTTP/1.0 that says close":       {`>GET / HTTP/1.0\r\nConnection: close\r\n\r\n` + "\n" + ok, rests},
		"HTTP/1.0, kept":                 {`>GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n` + "\n" + ok, rests},
		"HTTP/1.0, not kept":             {`>GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n` + "\n" + `<HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok`, waits},
		"HTTP/1.0, no answer":            {`>GET / HTTP/1.0\r\n\r\n`, waits},
		"a client that asks for the end": {`>GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n` + "\n" + ok, rests},
		"HEAD":                           {`>HEAD / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n`, rests},
		"HEAD, no length":                {`>HEAD / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\n\r\n`, rests},
		"not modified":                   {get + `<HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n`, rests},
		"no content":                     {get + `<HTTP/1.1 204 No Content\r\n\r\n`, rests},
		"lines without a return":         {`>GET / HTTP/1.1\nHost: web\n\n` + "\n" + `<HTTP/1.1 200 OK\nContent-Length: 2\n\nok`, rests},
		"a body":                         {`>POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi` + "\n" + ok, rests},
		"a body in chunks":               {`>POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n` + "\n" + ok, rests},
		"half a body, refused":           {`>POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nhi` + "\n" + ok, speaks},
		"a body when told to go on":      {`>POST / HTTP/1.1\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n` + "\n" + `<HTTP/1.1 100 Continue\r\n\r\n` + "\n" + `>hi` + "\n" + ok, rests},
		"told to go on, and no more":     {`>POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi` + "\n" + `<HTTP/1.1 100 Continue\r\n\r\n`, waits},
		"a WebSocket":                    {`>GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n` + "\n" + `<HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, waits},
		"CONNECT":                        {`>CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`, waits},
		"an answer too many":             {get + ok + ok, rests},
		"an answer to half a request":    {`>GET / HTTP/1.1\r\nHo` + "\n" + `<HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n`, waits},
		"HTTP/2":                         {`>PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n` + "\n" + `<\0\0`, waits},
		"two lengths":                    {`>POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi` + "\n" + ok, waits},
		"redis":                          {`>*1\r\n$4\r\nPING\r\n` + "\n" + `<+PONG\r\n`, waits},
		"redis, leave is taken":          {`>*1\r\n$4\r\nQUIT\r\n` + "\n" + `<+OK\r\n`, rests},
		"a service that speaks first":    {`<220 mail\r\n` + "\n" + `>HELO a\r\n`, waits},
		"postgres":                       {start + ready + `>Q\0\0\0\4`, waits},
		"postgres, a query is done":      {start + ready + `>Q\0\0\0\4` + "\n" + ready, rests},
		"postgres, leave is taken":       {start + ready + `>X\0\0\0\4`, rests},
		"postgres, not let in":           {start + `<E\0\0\0\5\0`, rests},
		"postgres, an error of a query":  {start + ready + `>Q\0\0\0\4` + "\n" + `<E\0\0\0\5\0`, waits},
		"postgres, no encryption":        {ssl + `<N` + "\n" + start + ready, rests},
		"postgres, encrypted":            {ssl + `<S` + "\n" + `>\x16\x03\1`, waits},
		"postgres, encryption asked for": {ssl, speaks},
		"postgres, a cancel":             {`>\0\0\0\x10\4\xd2\x16.\0\0\0\0\0\0\0\0`, waits},
		"a head without end":             {get + ok + `>GET /` + strings.Repeat("a", headMax), waits},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 7, 1 << 21} {
				talk, _ := hold(c.conversation, size)
				if _, then := talk.ended(end{clean: true}); then != c.then {
					t.Errorf("in parts of %d: %s, want %s", size, turns[then], turns[c.then])
				}
			}
		})
	}
}

// What the client is told of an answer.
func TestTold(t *testing.T) {
	const closing = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
	askClose := `>GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n` + "\n"
	escape := strings.NewReplacer("\r", `\r`, "\n", `\n`)
	for name, c := range map[string]struct{ asked, answer, told string }{
		"as it is":                  {get, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		"a server that closes":      {get, closing, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		"who asked for it is told":  {askClose, closing, closing},
		"a server of HTTP/1.0":      {get, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		"a client of HTTP/1.0":      {`>GET / HTTP/1.0\r\n\r\n` + "\n", closing, closing},
		"HEAD":                      {`>HEAD / HTTP/1.1\r\nHost: web\r\n\r\n` + "\n", closing[:len(closing)-2], "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"},
		"what nobody asked for":     {get, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 408 Request Timeout\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		"a stream of events":        {get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"},
		"the length as it comes":    {get, "HTTP/1.0 200 OK\r\nServer: a\r\n\r\nok", "HTTP/1.1 200 OK\r\nServer: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
		"not HTTP":                  {get, "hello\r\n\r\n", "hello\r\n\r\n"},
		"a head that is too long":   {get, "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", headMax) + "\r\n\r\n", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", headMax) + "\r\n\r\n"},
		"no answer":                 {get, "", "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 19\r\n\r\nstack: web is gone\n"},
		"postgres that is not here": {start, "", "E\x00\x00\x00.SFATAL\x00VFATAL\x00C57P03\x00Mstack: web is gone\x00\x00"},
		"redis that is not here":    {`>*1\r\n$4\r\nPING\r\n`, "", "-LOADING stack: web is gone\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1 << 21, 1, 7} {
				if size < 100 && strings.Contains(c.told, "chunked") {
					continue // in other chunks
				}
				conversation := c.asked
				if c.answer != "" {
					conversation += "<" + escape.Replace(c.answer) + "\n"
				}
				talk, told := hold(conversation, size)
				last, _ := talk.ended(end{clean: true, absent: c.answer == "", why: "web is gone"})
				if told += string(last); told != c.told {
					t.Errorf("in parts of %d: %.200q, want %.200q", size, told, c.told)
				}
			}
		})
	}
}

// What comes on a line is of another client.
func TestAnother(t *testing.T) {
	const (
		request = "GET /b HTTP/1.1\r\nHost: web\r\n\r\n"
		soon    = time.Millisecond
		later   = time.Minute
	)
	login := "*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n"
	hello := "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b" // the head of a ClientHello
	connected := `>CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n` + "\n" + `<HTTP/1.1 200 OK\r\n\r\n` + "\n"
	ahead := `>GET / HTTP/1.1\r\nA: ` + strings.Repeat("a", tunnelPiece-len("GET / HTTP/1.1\r\nA: \r\n\r\n")) + `\r\n\r\n`
	for name, c := range map[string]struct {
		conversation, text string
		pause              time.Duration
		another            bool
	}{
		"answered":                           {get + ok, request, later, false},
		"answered, and the service ends it":  {get + `<HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno`, request, soon, true},
		"not answered":                       {get, request, soon, true},
		"half an answer":                     {get + `<HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok`, request, soon, true},
		"an empty line":                      {get, "\r\n", soon, false},
		"half a head":                        {`>GET /a HTTP/1.1\r\nA`, request, soon, true},
		"half a head goes on":                {`>GET /a HTTP/1.1\r\nA`, ": b\r\n\r\n", later, false},
		"half a body":                        {`>POST / HTTP/1.1\r\nContent-Length: 200\r\n\r\nhi`, request, later, true},
		"half a body goes on":                {`>POST / HTTP/1.1\r\nContent-Length: 200\r\n\r\nhi`, request, soon, false},
		"another protocol":                   {get + ok, "\x16\x03\x01", soon, true},
		"a WebSocket":                        {get + `<HTTP/1.1 101 Switching Protocols\r\n\r\n`, request, later, true},
		"what a service said to nobody":      {get + ok + `<HTTP/1.1 408 Request Timeout\r\n\r\n`, request, soon, true},
		"CONNECT, and then TLS":              {connected, hello, later, false},
		"CONNECT, and then a request":        {connected, request, later, false},
		"CONNECT, and again":                 {connected + `>` + hello, "CONNECT b:1 HTTP/1.1\r\n\r\n", later, true},
		"CONNECT, and the proxy is asked":    {connected + `>` + hello, "GET http://b/ HTTP/1.1\r\n\r\n", later, true},
		"sent ahead in pieces of the tunnel": {ahead, request, soon, false},
		"not answered, a piece of that size": {ahead, request, later, true},
		"postgres, encryption begins":        {ssl + `<S`, hello, later, false},
		"postgres, encryption is not begun":  {ssl + `<S`, "\x00\x00\x00\x08\x04\xd2\x16\x2f", later, true},
		"postgres, encrypted":                {ssl + `<S` + "\n" + `>\x16\x03\1`, "\x00\x00\x00\x08\x04\xd2\x16\x2f", later, true},
		"encryption in the middle":           {`>hello 1\n` + "\n" + `<go on\n`, hello, breath, false},
		"encryption, long after":             {`>hello 1\n` + "\n" + `<go on\n`, hello, later, true},
		"encrypted from the beginning":       {">" + hello, hello, breath, true},
		"postgres goes on":                   {start + ready, "Q\x00\x00\x00\x04", later, false},
		"postgres begins":                    {start + ready, "\x00\x00\x00\x08\x00\x03\x00\x00", soon, true},
		"postgres asks for encryption":       {start + ready, "\x00\x00\x00\x08\x04\xd2\x16\x2f", soon, true},
		"postgres, encryption is refused":    {ssl + `<N`, "\x00\x00\x00\x08\x00\x03\x00\x00", soon, false},
		"postgres, half a message":           {start + ready + `>Q\0\0\0\x10`, "\x00\x00\x00\x08\x00\x03\x00\x00", later, true},
		"postgres, half a message goes on":   {start + ready + `>Q\0\0\0\x10`, "\x00\x00\x00\x08\x00\x03\x00\x00", soon, false},
		"redis goes on":                      {`>*1\r\n$4\r\nPING\r\n`, "*1\r\n$4\r\nPING\r\n", later, false},
		"redis, a login":                     {`>*1\r\n$4\r\nPING\r\n`, login, soon, true},
		"redis, a second login":              {`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n`, login, soon, true},
		"redis, in another database":         {`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n`, login, soon, true},
		"redis, in a transaction":            {`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n*1\r\n$5\r\nMULTI\r\n`, login, soon, true},
		"redis, HELLO with a login":          {`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n`, "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\na\r\n$1\r\nb\r\n", soon, true},
		"redis, HELLO behind a login":        {`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n`, "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n", soon, false},
		"redis, HELLO long behind a login":   {`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n`, "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n", later, true},
		"redis, a login behind HELLO":        {`>*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n`, login, soon, false},
		"redis, half a command":              {`>*2\r\n$4\r\nAU`, login, later, true},
		"another begins as the last":         {`>hello 1\n`, "hello 2\n", later, true},
		"goes on as it began":                {`>hello 1\n`, "hello 2\n", soon, false},
		"goes on otherwise":                  {`>hello 1\n`, "bye\n", later, false},
		"a service that speaks first":        {`<220 mail\r\n` + "\n" + `>HELO a\r\n`, "HELO a\r\n", later, false},
		"a request to what is not HTTP, too": {`>hello 1\n`, request, later, true},
	} {
		t.Run(name, func(t *testing.T) {
			talk, _ := hold(c.conversation, 1<<21)
			if got := talk.another([]byte(c.text), c.pause); got != c.another {
				t.Errorf("%v, want %v", got, c.another)
			}
		})
	}
}

// A session that has a state is not kept for a client that says nothing.
func TestIdle(t *testing.T) {
	login := `>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n` + "\n"
	for name, c := range map[string]struct {
		conversation string
		keeps, ends  time.Duration // for so long it is kept, and then not; 0: it is for ever
	}{
		"HTTP":                  {get + ok, webIdle / 2, webIdle},
		"HTTP, not answered":    {get, time.Hour, 0},
		"postgres":              {start + ready, time.Hour, 0},
		"redis, logged in":      {login, redisIdle / 2, redisIdle},
		"redis, a transaction":  {login + `>*1\r\n$5\r\nMULTI\r\n`, redisShort / 2, redisShort},
		"redis, without login":  {`>*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n`, redisShort / 2, redisShort},
		"redis, a subscription": {login + `>*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n`, time.Hour, 0},
		"redis, it waits":       {login + `>*3\r\n$5\r\nBLPOP\r\n$1\r\na\r\n$1\r\n0\r\n`, time.Hour, 0},
		"unknown":               {`>hello`, time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			talk, _ := hold(c.conversation, 1<<21)
			if talk.idle(c.keeps) {
				t.Errorf("ended after %s", c.keeps)
			}
			if c.ends > 0 && !talk.idle(c.ends) {
				t.Errorf("kept after %s", c.ends)
			}
		})
	}
}

// One connection keeps what is needed, however much is sent ahead.
func TestPipelineIsBounded(t *testing.T) {
	w := &web{}
	for range 4 * openMax {
		w.said([]byte("GET / HTTP/1.1\r\nHost: web\r\n\r\n"))
	}
	if !w.lost || len(w.open) > 0 {
		t.Errorf("lost %v, %d requests are kept", w.lost, len(w.open))
	}
}

// However it comes in parts, it is the same.
func FuzzTalk(f *testing.F) {
	f.Add(get+ok, 3)
	f.Add(start+ready, 2)
	f.Add(`>*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n`+"\n"+`<+OK\r\n`, 1)
	f.Fuzz(func(t *testing.T, conversation string, size int) {
		if size < 1 || len(conversation) < 2 || newTalk([]byte(conversation[1:2])) == nil {
			t.Skip()
		}
		parts, _ := hold(conversation, size)
		if parts != nil {
			parts.another([]byte("GET / HTTP/1.1\r\n\r\n"), time.Second)
			parts.ended(end{clean: true, why: "it is gone"})
		}
	})
}
