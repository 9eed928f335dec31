package api

import (
	"net/http"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state/logstore"
)

// logs answers with the lines of one service or of all: as the text that the CLI prints, or as entries.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) error {
	request, err := logsRequest(r)
	if err != nil {
		return err
	}
	select {
	case s.reads <- struct{}{}:
		defer func() { <-s.reads }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	log, err := s.Client.Logs(request)
	if err != nil {
		return err
	}
	answer := struct {
		Project string          `json:"project"`
		Service string          `json:"service,omitempty"` // absent: all of them
		Lines   int             `json:"lines"`
		Logs    *string         `json:"logs,omitempty"`
		Entries []logstore.Line `json:"entries,omitzero"`
	}{Project: s.Client.Name, Service: request.Service}
	asJSON := request.Format == "json"
	if asJSON {
		answer.Entries = []logstore.Line{}
	}
	appendLine, text := render.Lines(request, log.Services), []byte{}
	err = log.Each(r.Context(), func(entry *logstore.Entry) error {
		answer.Lines++
		if asJSON {
			answer.Entries = append(answer.Entries, entry.Line(len(entry.Text)))
		} else {
			text = appendLine(text, entry)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !asJSON {
		logs := string(text)
		answer.Logs = &logs
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

func logsRequest(r *http.Request) (protocol.LogsRequest, error) {
	v, err := parameters(r, "tail", "since", "until", "grep", "stream", "format", "timestamps")
	if err != nil {
		return protocol.LogsRequest{}, err
	}
	request := protocol.LogsRequest{
		Service: r.PathValue("service"), Since: v["since"], Until: v["until"], Grep: v["grep"], Stream: v["stream"], Format: v["format"],
	}
	if request.Tail, err = v.tail(); err != nil {
		return request, err
	}
	request.Timestamps, err = v.bool("timestamps")
	return request, err
}
