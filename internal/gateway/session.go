package gateway

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// session is one connection with the service.
type session struct {
	*line
	talk    talk // nil: nobody has spoken
	service *net.TCPConn
	reader  *reader
	out     *outbox
	over    atomic.Bool // what the service says is for nobody
	gone    bool        // there is no connection with the service
	why     string
	failed  time.Time     // when there was none
	done    chan struct{} // closed when the service is read from no more
}

// dial connects with the service. It does so in another goroutine: what a connection takes of a stack, the line would keep, and
// there are thousands of lines.
func (s *session) dial() error {
	dialed := make(chan error)
	go func() {
		service, err := s.connect(s.Route)
		if err == nil {
			s.service = service
			s.reader, err = newReader(service)
		}
		dialed <- err
	}()
	if err := <-dialed; err != nil {
		return err
	}
	s.out = newOutbox(s.service, s.reader.raw, &s.queued)
	return nil
}

// listen passes on what the service says, until it ends the connection.
func (s *session) listen() {
	defer close(s.done)
	err := s.reader.run(func(text []byte) bool {
		s.moved.Store(time.Now().UnixNano())
		return s.hear(text)
	})
	if err == nil {
		s.service.Close()
		return
	}
	s.settle(end{clean: errors.Is(err, io.EOF), why: fmt.Sprintf("%s ended the connection without an answer", s.name())})
}

// hear tells whether the session goes on.
func (s *session) hear(text []byte) bool {
	s.mu.Lock()
	if s.talk == nil {
		if s.known.Load() { // in the protocols that are spoken here the client begins: nobody hears this
			s.gone = true
			s.over.Store(true)
			s.mu.Unlock()
			return false
		}
		s.talk = &opaque{}
	}
	text = s.talk.answered(text)
	if !s.known.Load() && s.talk.proven() {
		s.known.Store(true)
	}
	s.mu.Unlock()
	return len(text) == 0 || s.tell(text)
}

// tell writes to the tunnel, unless the client has left.
func (s *session) tell(text []byte) bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.over.Load() {
		return false
	}
	_, err := s.tunnel.Write(text)
	return err == nil
}

// settle is when there is no connection with the service, or no more.
func (s *session) settle(how end) {
	s.mu.Lock()
	if s.over.Load() || s.session != s {
		s.mu.Unlock()
		return
	}
	var last []byte
	then := waits
	switch {
	case s.talk != nil:
		last, then = s.talk.ended(how)
	case s.known.Load():
		then = rests
	}
	if !s.gone {
		s.gone = true
		s.service.Close()
		s.out.breakOff()
	}
	s.mu.Unlock()
	if then == again {
		s.over.Store(true)
		if next := s.begin(s.talk, s); next.gone {
			next.settle(end{absent: true, why: next.why})
		} else {
			next.out.write(last)
		}
		return
	}
	if len(last) > 0 {
		s.tell(last)
	}
	if then == waits {
		s.end()
	}
}

// retry is after how long a service that was not there is looked for again.
const retry = 100 * time.Millisecond

// resume is asked when there is no connection with the service.
func (s *session) resume(text []byte) turn {
	switch {
	case s.talk != nil:
		return s.talk.resume(text)
	case time.Since(s.failed) < retry:
		return speaks
	}
	return anew
}

// leave ends the session of a client that is gone.
func (s *session) leave() {
	s.over.Store(true)
	s.mu.Lock()
	gone := s.gone
	s.gone = true
	s.mu.Unlock()
	if gone {
		return
	}
	s.out.breakOff()
	s.service.SetLinger(0) // as if the client itself was gone; and no port of ours waits for a minute
	s.service.Close()
	if s.writing.TryLock() {
		s.writing.Unlock()
		return
	}
	s.tunnel.SetWriteDeadline(time.Now()) // what is being written is for nobody
	s.writing.Lock()
	s.tunnel.SetWriteDeadline(time.Time{})
	s.writing.Unlock()
}

// closeIdle ends a connection that nothing is said on. The line is locked.
func (s *session) closeIdle(reset bool) {
	s.over.Store(true)
	s.gone = true
	s.out.breakOff()
	if reset {
		s.service.SetLinger(0)
	}
	s.service.Close()
}
