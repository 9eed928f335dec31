package api

import (
	"bytes"
	"encoding/json"
	"net/http"

	"dagger/stack/internal/client"
)

// logs answers with the lines of one service or of all: as the text that the CLI prints, or as entries.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) error {
	request, err := logsRequest(r)
	if err != nil {
		return err
	}
	release, err := occupy(r, s.reads)
	if err != nil {
		return err
	}
	defer release()
	var text bytes.Buffer
	if err := s.Client.Logs(r.Context(), &text, request); err != nil {
		return err
	}
	answer := struct {
		Project string          `json:"project"`
		Service string          `json:"service,omitempty"` // absent: all of them
		Lines   int             `json:"lines"`
		Logs    *string         `json:"logs,omitempty"`
		Entries json.RawMessage `json:"entries,omitempty"`
	}{Project: s.Client.Name, Service: request.Service, Lines: bytes.Count(text.Bytes(), []byte{'\n'})}
	if request.Format == "json" {
		answer.Entries = array(text.Bytes())
	} else {
		logs := text.String()
		answer.Logs = &logs
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

func logsRequest(r *http.Request) (client.LogsRequest, error) {
	v, err := parameters(r, "tail", "since", "until", "grep", "stream", "format", "timestamps")
	if err != nil {
		return client.LogsRequest{}, err
	}
	request := client.LogsRequest{
		Service: r.PathValue("service"), Since: v["since"], Until: v["until"], Grep: v["grep"], Stream: v["stream"], Format: v["format"],
	}
	if request.Tail, err = v.tail(); err != nil {
		return request, err
	}
	request.Timestamps, err = v.bool("timestamps")
	return request, err
}

// array makes one array of lines that are a JSON value each.
func array(lines []byte) json.RawMessage {
	lines = bytes.TrimSuffix(lines, []byte{'\n'})
	return append(append([]byte{'['}, bytes.ReplaceAll(lines, []byte{'\n'}, []byte{','})...), ']')
}

// occupy waits for a place.
func occupy(r *http.Request, places chan struct{}) (release func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
