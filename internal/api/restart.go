package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
)

const (
	defaultTimeout = time.Minute
	// restartMax bounds how long a connection is kept for one service, and with it for a chain of dependents.
	restartMax = 10 * time.Minute
)

// restart restarts a service and answers when it is healthy again. It does not wait for another restart.
func (s *Server) restart(w http.ResponseWriter, r *http.Request) error {
	request, err := restartRequest(r)
	if err != nil {
		return err
	}
	if err := takesLonger(w); err != nil {
		return err
	}
	var done []string
	err = s.Client.Restart(r.Context(), request, func(result protocol.RestartResult) { done = append(done, result.String()) })
	if err != nil {
		return err
	}
	s.acted(w, request.Service, strings.Join(done, "\n"))
	return nil
}

// takesLonger is for what may take longer than the connection's timeouts.
func takesLonger(w http.ResponseWriter) error {
	connection := http.NewResponseController(w)
	return errors.Join(connection.SetReadDeadline(time.Time{}), connection.SetWriteDeadline(time.Time{}))
}

func restartRequest(r *http.Request) (control.RestartRequest, error) {
	request := control.RestartRequest{Service: r.PathValue("service"), Timeout: defaultTimeout.String(), Refuse: true}
	var body struct {
		WithDependents bool    `json:"withDependents"`
		Timeout        *string `json:"timeout"`
	}
	if err := readBody(r, &body, `{"withDependents": true, "timeout": "60s"}, both optional`); err != nil {
		return request, err
	}
	request.WithDependents = body.WithDependents
	if body.Timeout != nil {
		request.Timeout = *body.Timeout
		if timeout, err := time.ParseDuration(request.Timeout); err == nil && timeout > restartMax {
			return request, badRequest("timeout %q: want at most %s", request.Timeout, restartMax)
		}
	}
	return request, nil
}
