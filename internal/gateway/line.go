package gateway

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// line is a connection of the tunnel: all clients that come from one source port, one after the other. It is never closed
// here before the tunnel closes it: a write that is refused ends the tunnel of the port, for all.
type line struct {
	*port
	tunnel *net.TCPConn
	reader *reader
	moved  atomic.Int64 // when something was said or answered last, in nanoseconds

	mu      sync.Mutex
	session *session  // of the last client
	ended   time.Time // when the end was sent; zero: it was not
	vain    bool      // a client has come since

	writing sync.Mutex // to the tunnel
	writer  *writer
}

func newLine(p *port, tunnel *net.TCPConn) (*line, error) {
	reader, err := newReader(tunnel)
	if err != nil {
		return nil, err
	}
	l := &line{port: p, tunnel: tunnel, reader: reader, writer: newWriter(reader.raw)}
	l.moved.Store(time.Now().UnixNano())
	return l, nil
}

// serve lasts as long as the tunnel's connection.
func (l *line) serve() {
	defer l.tunnel.Close()
	l.begin(nil, nil)
	heard := time.Now()
	err := l.reader.run(func(text []byte) bool {
		now := time.Now()
		l.moved.Store(now.UnixNano())
		l.take(text, now.Sub(heard))
		heard = time.Now()
		return true
	})
	l.hangUp(errors.Is(err, io.EOF))
}

// take passes on what came on the line, to the service that the client talks with, or to a new connection with it.
func (l *line) take(text []byte, pause time.Duration) {
	l.mu.Lock()
	s := l.session
	if !l.ended.IsZero() {
		l.inVain()
		l.mu.Unlock()
		return
	}
	if s.talk != nil && s.talk.another(text, pause) {
		l.mu.Unlock()
		s.leave()
		s = l.begin(nil, s)
		l.mu.Lock()
	} else if s.gone {
		if s.talk != nil {
			text = text[s.talk.finish(text):]
		}
		if len(text) == 0 {
			l.mu.Unlock()
			return
		}
		switch s.resume(text) {
		case anew:
			l.mu.Unlock()
			s = l.begin(nil, s)
			l.mu.Lock()
		case waits:
			l.mu.Unlock()
			l.end()
			return
		}
	}
	if s.talk == nil {
		s.talk = newTalk(text)
	}
	s.talk.said(text)
	gone := s.gone
	l.mu.Unlock()
	if gone {
		s.settle(end{absent: true, why: s.why})
		return
	}
	s.out.write(text)
}

// begin is a connection with the service for another client, or for the talk of the one there is. It takes the place of the last
// one, unless that has been taken. The line is read while it is made: a client that comes in that time is not taken for this one.
func (l *line) begin(talk talk, last *session) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session != last {
		return l.session
	}
	l.session = &session{line: l, talk: talk, out: newOutbox(&l.queued), done: make(chan struct{})}
	go l.session.run()
	return l.session
}

// end lets the client know that the connection has ended. Whoever comes from this source port later cannot be answered any
// more: the tunnel does not read a line behind its end (dagger/dagger pull request 13449).
func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.IsZero() {
		l.ended = time.Now()
		l.ends.Add(1)
		l.tunnel.CloseWrite()
	}
}

// late is when what comes behind the end cannot be of the client that was sent it.
const late = 5 * time.Second

func (l *line) inVain() {
	if !l.vain && time.Since(l.ended) > late {
		l.vain = true
		l.vains.Add(1)
		l.warn("a client gets no answer: its source port was used before, and Dagger's tunnel drops what a service sends there. " +
			"Let it try again; docs/ports.md says when this happens")
	}
}

// hangUp is when the tunnel has ended: the service may still answer one that only said that it has said all.
func (l *line) hangUp(clean bool) {
	l.mu.Lock()
	s, gone := l.session, l.session.gone
	l.ended = time.Now() // there is nobody to be sent it
	l.mu.Unlock()
	if clean && !gone {
		s.out.end()
		<-s.done
	}
	s.leave()
}
