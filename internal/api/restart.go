package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
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
	// It may take longer than the connection's timeouts.
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{})); err != nil {
		return err
	}
	var done []string
	err = s.Client.Restart(r.Context(), request, func(result protocol.RestartResult) { done = append(done, render.Restart(result)) })
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Success bool   `json:"success"`
		Project string `json:"project"`
		Service string `json:"service"`
		Message string `json:"message"`
	}{true, s.Client.Name, request.Service, strings.Join(done, "\n")})
	return nil
}

func restartRequest(r *http.Request) (protocol.RestartRequest, error) {
	request := protocol.RestartRequest{Service: r.PathValue("service"), Timeout: defaultTimeout.String(), Refuse: true}
	text, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return request, failure{http.StatusRequestEntityTooLarge, "too_large", "the body is too large: want nothing, or a small JSON object"}
	}
	if err != nil {
		return request, badRequest("the body cannot be read: %v", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return request, nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return request, failure{http.StatusUnsupportedMediaType, "unsupported_media_type", "the body's Content-Type: want application/json"}
	}
	var body struct {
		WithDependents bool    `json:"withDependents"`
		Timeout        *string `json:"timeout"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return request, badRequest(`the body: %v: want {"withDependents": true, "timeout": "60s"}, both optional`, err)
	}
	if decoder.More() {
		return request, badRequest("the body holds more than one JSON value")
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
