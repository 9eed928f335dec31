package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// readBody reads a small JSON object, if there is one. What it does not name stays as it is in value.
func readBody(r *http.Request, value any, example string) error {
	text, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return failure{http.StatusRequestEntityTooLarge, "too_large", "the body is too large: want nothing, or a small JSON object"}
	}
	if err != nil {
		return badRequest("the body cannot be read: %v", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return failure{http.StatusUnsupportedMediaType, "unsupported_media_type", "the body's Content-Type: want application/json"}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return badRequest("the body: %v: want %s", err, example)
	}
	if decoder.More() {
		return badRequest("the body holds more than one JSON value")
	}
	return nil
}
