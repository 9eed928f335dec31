package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"dagger/stack/internal/client"
)

// failure is an answer that is an error.
type failure struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`    // for programs
	Message string `json:"message"` // for people: what is wrong, what is allowed, what to do
}

func (f failure) Error() string { return f.Message }

// problem is the body of such an answer.
type problem struct {
	Error failure `json:"error"`
}

// handler is a http.Handler that may fail before it has written anything.
type handler func(w http.ResponseWriter, r *http.Request) error

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		f := asFailure(err)
		writeJSON(w, f.Status, problem{f})
	}
}

// asFailure finds the code for what the client says.
func asFailure(err error) failure {
	var f failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, client.ErrInvalid):
		return failure{http.StatusBadRequest, "invalid_request", err.Error()}
	case errors.Is(err, client.ErrNotRunning):
		return failure{http.StatusServiceUnavailable, "not_running", err.Error()}
	case errors.Is(err, client.ErrBusy):
		return failure{http.StatusConflict, "busy", err.Error()}
	}
	return failure{http.StatusInternalServerError, "failed", err.Error()}
}

// writeJSON answers. What is written is known to be whole only when it is: it is made before the first byte.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // it is sent as JSON, with nosniff
	if err := encoder.Encode(value); err != nil {
		status = http.StatusInternalServerError
		body.Reset()
		_ = encoder.Encode(problem{failure{Code: "failed", Message: err.Error()}})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}
