package gateway

import (
	"bytes"
	"encoding/binary"
	"time"
)

// postgres is a talk in its frontend/backend protocol, version 3 (PostgreSQL "Message Formats").
type postgres struct {
	whole
	front, back messages
	inside      bool // the startup message was said
	in          bool // the server has let the client in
	asked       bool // encryption was asked for, and not answered
	cancel      bool // the client came to cancel another's query: it waits for the end
	left        bool // the last was Terminate
	refused     bool // the server did not let the client in
	ready       bool // the server waits for a query, and none was said
	crowded     bool // the server has too many clients
	lost        bool // it is encrypted, or cannot be understood
	agreed      bool // encryption is to begin: the client has not said anything since
}

const (
	startupHead = 8        // length and code
	startupMax  = 10000    // MAX_STARTUP_PACKET_LENGTH of the server
	version3    = 196608   // and its minor versions
	cancelCode  = 80877102 // CancelRequest
	sslCode     = 80877103 // SSLRequest
	gssCode     = 80877104 // GSSENCRequest
	typedHead   = 5        // type and length
)

// isStartup knows the first message of a client.
func isStartup(text []byte) bool {
	if len(text) < startupHead {
		return false
	}
	length, code := binary.BigEndian.Uint32(text), binary.BigEndian.Uint32(text[4:])
	return length >= startupHead && length <= startupMax &&
		(code>>16 == version3>>16 || code >= cancelCode && code <= gssCode)
}

// messages follows those of one direction.
type messages struct {
	head [startupHead]byte
	have int
	rest int64
}

// next takes a text up to the end of a message's head of a length, or of what is behind it.
func (m *messages) next(text []byte, length int) (n int, whole bool) {
	if m.rest > 0 {
		n = int(min(m.rest, int64(len(text))))
		m.rest -= int64(n)
		return n, false
	}
	n = copy(m.head[m.have:length], text)
	if m.have += n; m.have < length {
		return n, false
	}
	m.have = 0
	return n, true
}

func (m *messages) between() bool { return m.have == 0 && m.rest == 0 }

func (p *postgres) another(text []byte, pause time.Duration) bool {
	switch {
	case p.agreed:
		return pause >= breath && isStartup(text)
	case p.lost:
		return pause >= breath && begins(text)
	case !p.front.between():
		return pause >= breath && isStartup(text)
	case p.inside:
		return text[0] == 0 // no message of a session has this type
	}
	return p.asked && isStartup(text)
}

func (p *postgres) said(text []byte) {
	p.agreed = false
	for len(text) > 0 && !p.lost {
		length := typedHead
		if !p.inside {
			length = startupHead
		}
		n, whole := p.front.next(text, length)
		text = text[n:]
		if !whole {
			continue
		}
		if p.inside {
			p.message()
		} else {
			p.startup()
		}
	}
	p.ready = p.ready && p.left
}

func (p *postgres) startup() {
	if !isStartup(p.front.head[:]) {
		p.lost = true
		return
	}
	p.front.rest = int64(binary.BigEndian.Uint32(p.front.head[:])) - startupHead
	switch code := binary.BigEndian.Uint32(p.front.head[4:]); code {
	case sslCode, gssCode:
		p.asked = true
	case cancelCode:
		p.cancel, p.inside = true, true
	default:
		p.inside = true
	}
}

func (p *postgres) message() {
	const terminate = 'X'
	length := binary.BigEndian.Uint32(p.front.head[1:])
	if p.front.rest = int64(length) - 4; p.front.rest < 0 {
		p.lost = true
	}
	p.left = p.front.head[0] == terminate
}

func (p *postgres) answered(text []byte) []byte {
	rest := text
	for len(rest) > 0 && !p.lost {
		if p.asked && p.back.between() && rest[0] != 'E' {
			p.asked = false
			p.lost = rest[0] != 'N' // else encrypted from here on
			p.agreed = p.lost
			rest = rest[1:]
			continue
		}
		n, whole := p.back.next(rest, typedHead)
		rest = rest[n:]
		if whole {
			p.answer(rest)
		}
	}
	return text
}

func (p *postgres) answer(rest []byte) {
	const (
		errorResponse = 'E'
		readyForQuery = 'Z'
	)
	length := binary.BigEndian.Uint32(p.back.head[1:])
	if p.back.rest = int64(length) - 4; p.back.rest < 0 {
		p.lost = true
		return
	}
	switch p.back.head[0] {
	case readyForQuery:
		p.ready, p.in = true, true
	case errorResponse:
		if !p.in {
			p.refused = true
			p.crowded = bytes.Contains(rest[:min(int64(len(rest)), p.back.rest)], []byte("C53300\x00"))
		}
	}
}

func (p *postgres) ended(how end) ([]byte, turn) {
	switch {
	case p.lost, p.cancel:
		return nil, waits
	case p.left, p.ready:
		p.ready = true
		return nil, rests
	case p.refused:
		return nil, rests // libpq and its like leave when they are not let in
	case p.asked:
		p.asked = false
		return []byte("N"), speaks
	case p.inside && p.back == messages{}:
		p.refused = true
		return failure("57P03", "stack: "+how.why), rests // cannot_connect_now
	case !p.inside:
		return nil, speaks
	}
	return nil, waits
}

func (p *postgres) resume([]byte) turn {
	if !p.inside && !p.lost {
		return speaks
	}
	return waits // what begins a talk is another's
}

func (p *postgres) proven() bool { return p.in }

// idle: never by itself; see crowd.
func (p *postgres) idle(time.Duration) bool { return false }

// failure is an ErrorResponse that ends a session.
func failure(code, text string) []byte {
	body := "SFATAL\x00VFATAL\x00C" + code + "\x00M" + text + "\x00\x00"
	return append(binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(body)+4)), body...)
}
