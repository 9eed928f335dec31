package api

import (
	"net/http"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state/logstore"
)

// events streams the state and the logs of the services: an event `state` at the beginning and with every change, and
// events `logs` with the last lines and then with new ones. Who comes back with the id of the last event gets what was
// written since. A client that calls itself a page keeps the stream by saying that it is there, see stays.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	v, err := parameters(r, "service", "tail", "page")
	if err != nil {
		return err
	}
	tail, err := v.tail()
	if err != nil {
		return err
	}
	sources, err := s.Client.Sources(v["service"])
	if err != nil {
		return err
	}
	acts, err := s.Client.EventSources(v["service"])
	if err != nil {
		return err
	}
	if _, given := v["page"]; given {
		if err := checkPage(v["page"]); err != nil {
			return err
		}
	}
	ctx, leave, ok := s.streams.enter(r.Context(), v["page"])
	if !ok {
		w.Header().Set("Retry-After", "5")
		return failure{http.StatusServiceUnavailable, "too_many_streams", "too many streams are open: close one, or ask for logs and health instead"}
	}
	defer leave()
	out, err := newEventWriter(w)
	if err != nil || r.Method == http.MethodHead {
		return err
	}
	stream := &stream{Server: s, out: out, lines: make(chan logstore.Entry, batchMax), sources: sources, tail: tail, acts: acts, actions: make(chan render.Event, batchMax)}
	stream.begin(r.Header.Get("Last-Event-ID"))
	stream.run(ctx)
	return nil
}

// begin decides where the logs are followed from. An id that is not one of ours is as good as none.
func (s *stream) begin(lastID string) {
	at, err := parseCursor(lastID)
	if err == nil {
		s.at, s.tail = at, control.TailMax
		s.sources, s.passed = at.from(s.sources)
		return
	}
	s.at, s.passed = cursor{}, func(*logstore.Entry) bool { return false }
	for _, source := range s.sources {
		s.at[source.Service] = place{at: time.Now()} // of one that says nothing until the client comes back
	}
}
