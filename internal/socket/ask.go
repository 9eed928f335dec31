package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// answerGrace is how long after the deadline an answer may come: that of an agent which gives up at it, and looks at every
// heartbeat.
const answerGrace = 2 * state.Heartbeat

const dialPause = 10 * time.Millisecond

// Ask sends a request to a service's agent and waits for its answer. args and answer are anything that JSON can hold; a nil
// answer is thrown away. Giving up, by the context or the timeout, takes the request back.
func Ask(ctx context.Context, service state.Service, verb string, args, answer any, timeout time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout+answerGrace, ErrNoAnswer)
	defer cancel()
	response, err := send(ctx, service, verb, args, timeout)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return why(ctx, err)
	}
	if answer == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// Open is Ask for a verb that is answered with a stream in both directions. timeout is for its beginning.
func Open(ctx context.Context, service state.Service, verb string, args any, timeout time.Duration) (io.ReadWriteCloser, error) {
	response, err := send(ctx, service, verb, args, timeout)
	if err != nil {
		return nil, err
	}
	stream, is := response.Body.(io.ReadWriteCloser)
	if !is {
		response.Body.Close()
		return nil, fmt.Errorf("the agent answers %s without a stream: was the stack started by another version?", verb)
	}
	return stream, nil
}

// send sends a request. An answer that is an error is returned as the error.
func send(ctx context.Context, service state.Service, verb string, args any, timeout time.Duration) (*http.Response, error) {
	status, err := service.Status()
	if err != nil {
		return nil, err
	}
	folder, err := openFolder(service)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	text, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://agent/"+verb, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set(deadlineHeader, time.Now().Add(timeout).Format(time.RFC3339Nano))
	request.Header.Set("Expect", "100-continue")
	transport := http.Transport{
		DisableKeepAlives: true, ExpectContinueTimeout: timeout + answerGrace,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, service, folder.path(status.Instance), time.Now().Add(timeout))
		},
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, why(ctx, err)
	}
	if response.StatusCode < http.StatusBadRequest {
		return response, nil
	}
	defer response.Body.Close()
	var failure protocol.Error
	if err := json.NewDecoder(response.Body).Decode(&failure); err != nil {
		return nil, why(ctx, err)
	}
	if response.StatusCode == http.StatusGatewayTimeout {
		return nil, ErrNoAnswer
	}
	return nil, failure
}

// dial connects to an agent. One that lives and does not listen yet is waited for; a socket that nobody listens on is of one that was
// killed.
func dial(ctx context.Context, service state.Service, path string, deadline time.Time) (net.Conn, error) {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if !errors.Is(err, fs.ErrNotExist) || !service.Alive() {
			return conn, err
		}
		if time.Now().After(deadline) {
			return nil, ErrNoAnswer
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(dialPause):
		}
	}
}

// why says what it means that a connection failed.
func why(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrEnded
	}
	return err
}
