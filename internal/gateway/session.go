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
	talk    talk         // nil: nobody has spoken
	service *net.TCPConn // nil: it is being connected with
	out     *outbox
	over    atomic.Bool // what the service says is for nobody
	gone    bool        // there is no connection with the service
	why     string
	failed  time.Time     // when there was none
	done    chan struct{} // closed when the service is read from no more

	held []byte      // a head that its body is waited for with; of who writes to the tunnel
	hold *time.Timer // ends that wait
}

// run connects with the service and passes on what it says, until it ends the connection.
func (s *session) run() {
	defer close(s.done)
	service, reader, err := s.dial()
	if err != nil {
		s.warn("%v", err)
	}
	s.mu.Lock()
	over := s.over.Load()
	if over && service != nil {
		service.Close()
	}
	if err != nil {
		s.gone, s.why, s.failed = true, err.Error(), time.Now()
		s.out.breakOff()
	}
	s.service = service
	spoken := s.talk != nil
	s.mu.Unlock()
	switch {
	case over:
	case err == nil:
		s.began.Add(1)
		s.out.start(service, reader.raw)
		s.listen(reader)
	case spoken:
		s.settle(end{absent: true, why: s.why})
	}
}

func (s *session) dial() (*net.TCPConn, *reader, error) {
	service, err := s.connect(s.Route)
	if err != nil {
		return nil, nil, err
	}
	reader, err := newReader(service)
	return service, reader, err
}

func (s *session) listen(reader *reader) {
	err := reader.run(func(text []byte) bool {
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
	bare := s.talk.bare()
	s.mu.Unlock()
	switch {
	case len(text) == 0:
		return true
	case bare && s.limits.Together > 0:
		s.keep(text)
		return true
	}
	return s.tell(text)
}

// keep has a head wait for its body.
func (s *session) keep(head []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.held = append(s.held, head...)
	if s.hold == nil {
		s.hold = time.AfterFunc(s.limits.Together, func() { s.tell(nil) })
	} else {
		s.hold.Reset(s.limits.Together)
	}
}

// tell writes to the tunnel, behind what was held, unless the client has left.
func (s *session) tell(text []byte) bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.over.Load() {
		return false
	}
	if len(s.held) > 0 {
		s.hold.Stop()
		text = append(s.held, text...)
		s.held = text[:0]
	}
	return len(text) == 0 || s.writer.write(text) == nil
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
		if next := s.begin(s.talk, s); next.talk == s.talk {
			next.out.write(last)
		}
		return
	}
	s.tell(last)
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
	gone, service := s.gone, s.service
	s.gone = true
	s.mu.Unlock()
	if gone {
		return
	}
	s.out.breakOff()
	if service == nil {
		return // run closes it
	}
	_ = service.SetLinger(0) // as if the client itself was gone; and no port of ours waits for a minute
	service.Close()
	if s.writing.TryLock() {
		s.writing.Unlock()
		return
	}
	_ = s.tunnel.SetWriteDeadline(time.Now()) // what is being written is for nobody
	s.writing.Lock()
	_ = s.tunnel.SetWriteDeadline(time.Time{})
	s.writing.Unlock()
}

// closeIdle ends a connection that nothing is said on. The line is locked.
func (s *session) closeIdle(reset bool) {
	s.over.Store(true)
	s.gone = true
	s.out.breakOff()
	if s.service == nil {
		return
	}
	if reset {
		_ = s.service.SetLinger(0)
	}
	s.service.Close()
}
