package socket

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// Request asks a running agent to do something. Whoever serves it takes it first, and replies once.
type Request struct {
	Verb     string
	Args     json.RawMessage
	Deadline time.Time

	settled atomic.Bool // it was taken, or given up
	answer  chan answer
}

type answer struct {
	value  any
	err    error
	stream func(net.Conn)
}

// Take makes the caller the one to serve a request. It is false for one whose sender has given up, or that is too late.
func (r *Request) Take() bool {
	return !time.Now().After(r.Deadline) && r.settled.CompareAndSwap(false, true)
}

// Pending tells whether the request can still be taken.
func (r *Request) Pending() bool { return !r.settled.Load() && !time.Now().After(r.Deadline) }

// Reply answers a request that was taken.
func (r *Request) Reply(value any, err error) { r.answer <- answer{value: value, err: err} }

// Stream answers with a stream in both directions, which lasts as long as the function runs.
func (r *Request) Stream(stream func(net.Conn)) { r.answer <- answer{stream: stream} }

// Server is an agent's end.
type Server struct {
	Requests <-chan *Request // in the order in which they came

	requests chan *Request
	server   http.Server
	folder   folder
	path     string
	ended    chan struct{}
}

// Listen has an agent's socket there, for what reads its instance in the status afterwards.
func Listen(service state.Service, instance string) (*Server, error) {
	opened, err := openFolder(service)
	if err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: opened.path(instance), Net: "unix"})
	if err != nil {
		opened.Close()
		return nil, fmt.Errorf("the agent cannot be asked: no socket on the state volume (%w): it needs a file system that has unix sockets, "+
			"as the engine's own on a local disk", err)
	}
	listener.SetUnlinkOnClose(false) // it knows the path by the folder's number
	requests := make(chan *Request)
	s := &Server{Requests: requests, requests: requests, folder: opened, path: filepath.Join(service.Control(), instance), ended: make(chan struct{})}
	s.server.Handler = http.HandlerFunc(s.serve)
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// closeTimeout is how long the last answers may take.
const closeTimeout = time.Second

// Close sends what was answered, and refuses the rest.
func (s *Server) Close() {
	os.Remove(s.path)
	close(s.ended)
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = s.server.Shutdown(ctx)
	s.folder.Close()
}

// serve has a request served: by who receives from Requests.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	request, err := read(w, r)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	ctx, cancel := context.WithDeadline(r.Context(), request.Deadline)
	defer cancel()
	late := ctx.Done()
	select {
	case s.requests <- request:
	case <-late:
	case <-s.ended:
	}
	for {
		select {
		case answer := <-request.answer:
			respond(w, answer)
			return
		case <-late:
			late = nil // one that was taken has an answer still to come
			if request.settled.CompareAndSwap(false, true) {
				fail(w, http.StatusGatewayTimeout, ErrNoAnswer)
				return
			}
		case <-s.ended:
			s.refuse(w, request)
			return
		}
	}
}

// refuse is for a request that the agent's end has overtaken, but for one that was answered.
func (s *Server) refuse(w http.ResponseWriter, request *Request) {
	select {
	case answer := <-request.answer:
		respond(w, answer)
	default:
		panic(http.ErrAbortHandler) // closes the connection
	}
}

func read(w http.ResponseWriter, r *http.Request) (*Request, error) {
	deadline, err := time.Parse(time.RFC3339Nano, r.Header.Get(deadlineHeader))
	if err != nil || r.Method != http.MethodPost {
		return nil, protocol.Errorf(protocol.CodeInvalid, "the request is not one of a stack: want POST /VERB with the header %s", deadlineHeader)
	}
	args, err := io.ReadAll(http.MaxBytesReader(w, r.Body, argsMax))
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeInvalid, "the arguments cannot be read: %v", err)
	}
	if !json.Valid(args) {
		return nil, protocol.Errorf(protocol.CodeInvalid, "the arguments are not JSON")
	}
	return &Request{Verb: strings.TrimPrefix(r.URL.Path, "/"), Args: args, Deadline: deadline, answer: make(chan answer, 1)}, nil
}

func respond(w http.ResponseWriter, a answer) {
	switch {
	case a.err != nil:
		fail(w, http.StatusInternalServerError, a.err)
	case a.stream != nil:
		upgrade(w, a.stream)
	case a.value != nil:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a.value)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(protocol.Error{Code: protocol.CodeOf(err), Message: err.Error()})
}

// upgrade makes the connection the stream.
func upgrade(w http.ResponseWriter, stream func(net.Conn)) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: stack\r\n\r\n"); err == nil {
		stream(conn)
	}
}
