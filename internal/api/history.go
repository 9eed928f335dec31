package api

import (
	"context"
	"net/http"

	"dagger/stack/internal/control"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state/logstore"
)

// history answers with what has happened to the services.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	v, err := parameters(r, "service", "tail", "since", "until")
	if err != nil {
		return err
	}
	request := control.EventsRequest{Service: v["service"], Since: v["since"], Until: v["until"]}
	if request.Tail, err = v.tail(); err != nil {
		return err
	}
	log, err := s.Client.Events(request)
	if err != nil {
		return err
	}
	answer := struct {
		Project string         `json:"project"`
		Events  []render.Event `json:"events"`
	}{s.Client.Name, []render.Event{}}
	_, err = log.Each(r.Context(), func(entry *logstore.Entry) error {
		if event, err := render.ReadEvent(entry); err == nil {
			answer.Events = append(answer.Events, event)
		}
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// watch hands on events as they come, until the context ends.
func (s *stream) watch(ctx context.Context) error {
	return logstore.FollowAll(ctx, s.acts, logstore.Query{Tail: -1}, func(entry logstore.Entry) error {
		event, err := render.ReadEvent(&entry)
		if err != nil {
			return nil //nolint:nilerr // what the log says of itself
		}
		select {
		case s.actions <- event:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}
