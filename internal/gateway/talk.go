package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"sync"
)

// talk listens to a client and a service, to tell whether the client waits for the end of the connection when the
// service ends it. It does not
//   - after whole HTTP/1.1 messages whose length was told (RFC 9112, 6.3), unless it has asked for the end (9.6): it
//     may send another request, and gets another connection;
//   - when it took leave as a client of postgres does, who does not wait (Terminate, PostgreSQL "Message Flow").
//
// All else it cannot know, and then it waits.
type talk struct {
	mu        sync.Mutex
	requests  *parser
	responses *parser
	open      []*http.Request // not answered, or not to the end
	ends      bool            // the client has asked for the connection's end
	leave     []byte          // the last that the client said
}

// terminate is a message of postgres: its type, and its length without it.
var terminate = []byte{'X', 0, 0, 0, 4}

func newTalk() *talk {
	t := &talk{}
	t.requests, t.responses = newParser(t.request), newParser(t.response)
	return t
}

func (t *talk) close() {
	t.requests.close()
	t.responses.close()
}

// said takes what the client said, before the service gets it.
func (t *talk) said(text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave = append(t.leave, text[max(0, len(text)-len(terminate)):]...)
	t.leave = t.leave[max(0, len(t.leave)-len(terminate)):]
	t.requests.write(text)
}

// answered takes what the service said.
func (t *talk) answered(text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.responses.write(text)
}

func (t *talk) clientWaits() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	answered := t.requests.between && t.responses.between && len(t.open) == 0
	return !bytes.Equal(t.leave, terminate) && (!answered || t.ends)
}

// request reads one.
func (t *talk) request(r *bufio.Reader) error {
	if first, _ := r.Peek(1); first[0] < 'A' || first[0] > 'Z' {
		return errors.New("a method begins otherwise")
	}
	request, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	t.open = append(t.open, request)
	t.ends = t.ends || request.Close || request.Method == http.MethodConnect
	return t.requests.skip(request.Body)
}

// response reads one, which may come before all of its request.
func (t *talk) response(r *bufio.Reader) error {
	if len(t.open) == 0 {
		return errors.New("nothing was asked")
	}
	response, err := http.ReadResponse(r, t.open[0])
	if err != nil {
		return err
	}
	untold := response.ContentLength < 0 && len(response.TransferEncoding) == 0 && response.Body != http.NoBody
	if untold || response.StatusCode == http.StatusSwitchingProtocols {
		return errors.New("what follows ends with the connection")
	}
	if err := t.responses.skip(response.Body); err != nil {
		return err
	}
	if response.StatusCode >= 200 { // else the answer is to come
		t.open = t.open[1:]
	}
	return nil
}
