package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"dagger/stack/internal/protocol"
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

// statuses are those of the codes that control may answer with; of others, 500.
var statuses = map[string]int{
	protocol.CodeInvalid:    http.StatusBadRequest,
	protocol.CodeNotRunning: http.StatusServiceUnavailable,
	protocol.CodeBusy:       http.StatusConflict,
}

// asFailure is the answer for an error.
func asFailure(err error) failure {
	var f failure
	if errors.As(err, &f) {
		return f
	}
	code := protocol.CodeOf(err)
	return failure{cmp.Or(statuses[code], http.StatusInternalServerError), code, err.Error()}
}

// writeJSON answers. What is written is known to be whole only when it is: it is made before the first byte.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // it is sent as JSON, with nosniff
	if err := encoder.Encode(value); err != nil {
		status = http.StatusInternalServerError
		body.Reset()
		_ = encoder.Encode(problem{failure{Code: protocol.CodeFailed, Message: err.Error()}})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}
