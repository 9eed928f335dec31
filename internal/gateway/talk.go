package gateway

import (
	"bytes"
	"encoding/binary"
	"time"
)

// A port of the gateway is published by a tunnel of the engine (ListenHostToContainer in engine/engineutil/client.go of
// v0.21.8). The tunnel tells clients apart by their source port, for as long as the call runs, and does not say when a
// client comes or is gone. So each source port has one connection to the gateway, the line, for whatever clients come
// from there. A talk follows what is said on it: where a client begins and another's talk ends, and whether a client
// waits for the end of the connection. That end is better not sent: behind it the tunnel is deaf on that line.

// talk is that of one client with the service. It is not called by two at once.
type talk interface {
	// another tells whether what came on the line, after a pause, begins the talk of another client.
	another(text []byte, pause time.Duration) bool
	// said takes what the client said.
	said(text []byte)
	// answered takes what the service said, and gives what the client is told. It may be the text itself.
	answered(text []byte) []byte
	// bare tells whether what was said last is a head, whose body is to go with it.
	bare() bool
	// finish takes the end of a message that nobody reads any more, because the service has answered before its end, and is n bytes
	// long. What follows in the same piece is for another connection.
	finish(text []byte) (n int)
	// ended is asked when there is no connection with the service, or no more: what the client is told of that, and what the
	// client does then.
	ended(how end) (last []byte, then turn)
	// resume is asked after that for what comes on the line.
	resume(text []byte) turn
	// proven tells whether the service has answered in the protocol.
	proven() bool
	// idle tells whether the service's connection is worth nothing any more to a client that was silent for so long.
	idle(silent time.Duration) bool
}

// end is how a connection with the service has ended.
type end struct {
	absent bool // there was none
	clean  bool // not by a reset
	why    string
}

// turn is what a client does when the service's connection has ended.
type turn int

const (
	waits  turn = iota // for the end
	rests              // there is nothing that the client waits for
	speaks             // has not said all
	anew               // of resume: what was said begins a talk
	again              // is not told: what was given is to be said to the service once more
)

const (
	// breath is the shortest pause after which something that looks like the beginning of a talk is taken for one, though
	// the last talk was in the middle of a message. A client that is killed and the next on its source port are further
	// apart; an upload of such text would have to pause just there.
	breath = 20 * time.Millisecond
	// reuse is after how long the kernel gives a source port to another client, on the machine itself (tcp_tw_reuse).
	reuse = time.Second
	// tunnelPiece is the most that the tunnel passes on of a client in one piece (Listen in engine/session/h2c/h2c.go).
	tunnelPiece = 1024
)

// newTalk is by what the client said first.
func newTalk(text []byte) talk {
	switch first := text[0]; {
	case first == '*':
		return &redis{}
	case first == 0 && (len(text) < startupHead || isStartup(text)):
		return &postgres{}
	case isMethod(first):
		line, _ := cutLine(text)
		if _, _, _, ok := splitRequest(line); ok || len(text) < headMax && bytes.IndexByte(text, '\n') < 0 {
			return &web{}
		}
	}
	return &opaque{first: bytes.Clone(text[:min(len(text), firstKept)])}
}

// begins tells whether a text looks like the beginning of a talk in one of the protocols that begin in a way of their own.
func begins(text []byte) bool {
	line, _ := cutLine(text)
	_, _, _, request := splitRequest(line)
	return request || isStartup(text) || isClientHello(text) || bytes.HasPrefix(text, []byte("PRI * HTTP/2.0\r\n"))
}

// isClientHello knows the first record of TLS (RFC 8446, 4.1.2 and 5.1).
func isClientHello(text []byte) bool {
	const handshake, hello = 22, 1
	return len(text) > 8 && text[0] == handshake && text[1] == 3 && text[5] == hello &&
		int(text[6])<<16|int(text[7])<<8|int(text[8]) == int(binary.BigEndian.Uint16(text[3:]))-4
}

// whole is embedded by talks whose messages are not taken apart.
type whole struct{}

func (whole) bare() bool { return false }

func (whole) finish([]byte) int { return 0 }

// opaque is the talk in a protocol that the gateway does not know.
type opaque struct {
	whole
	first []byte // what the client said first; nil: the service spoke first
}

// firstKept is what of a protocol's beginning is always the same: a magic word, a type, a length.
const firstKept = 4

// another: a client that begins as the last one did. For a protocol in which every request begins so, a new connection
// does no harm.
func (o *opaque) another(text []byte, pause time.Duration) bool {
	if o.first == nil {
		return false // it would wait for the service
	}
	if isClientHello(text) && !bytes.HasPrefix(text, o.first) {
		return pause >= reuse // else this client goes on encrypted (STARTTLS)
	}
	return pause >= reuse && len(o.first) == firstKept && bytes.HasPrefix(text, o.first) || pause >= breath && begins(text)
}

func (*opaque) proven() bool { return false }

func (*opaque) said([]byte) {}

func (*opaque) answered(text []byte) []byte { return text }

func (*opaque) ended(end) ([]byte, turn) { return nil, waits }

func (*opaque) resume([]byte) turn { return waits }

func (*opaque) idle(time.Duration) bool { return false }
