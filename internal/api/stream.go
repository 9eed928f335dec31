package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"dagger/stack/internal/render"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

const (
	// statePoll is how soon a change is seen; what only counts on (uptime, usage) is sent every stateEvery.
	statePoll  = 200 * time.Millisecond
	stateEvery = time.Second
	// streamLife is when a client has to come back, which costs it nothing: the engine's tunnel does not tell that one is
	// gone.
	streamLife = 10 * time.Minute
	// heartbeat keeps what is between from taking a silent connection for a dead one.
	heartbeat = 10 * time.Second
	// batchMax bounds an event, and textMax a line in it; the whole line is what logs answers with.
	batchMax = 500
	textMax  = 16 << 10
)

// stream is what one client is sent.
type stream struct {
	*Server
	out     *eventWriter
	sources []logstore.Source
	tail    int
	at      cursor
	passed  func(*logstore.Entry) bool // it has this entry already
	lines   chan logstore.Entry
	acts    []logstore.Source // of events
	actions chan render.Event

	sent   time.Time // the last state
	phases []phase   // in it
}

// phase is what is sent at once when it changes.
type phase struct {
	name          string
	health        state.Health
	state         state.Phase
	pid, restarts int
}

// run sends until the client is gone or is too slow, or the state cannot be read.
func (s *stream) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 2)
	go func() { failed <- s.follow(ctx) }()
	go func() { failed <- s.watch(ctx) }()
	poll, alive, end := time.NewTicker(statePoll), time.NewTicker(heartbeat), time.NewTimer(streamLife)
	defer poll.Stop()
	defer alive.Stop()
	defer end.Stop()
	err := s.sendState()
	for err == nil {
		select {
		case <-ctx.Done():
			return
		case entry := <-s.lines:
			err = s.sendLines(entry)
		case event := <-s.actions:
			err = s.out.event("action", "", event)
		case <-poll.C:
			err = s.sendState()
		case now := <-alive.C:
			s.streams.sweep(now)
			err = s.out.comment("heartbeat")
		case <-end.C:
			return
		case err = <-failed:
			if err == nil {
				return
			}
		}
	}
	_ = s.out.event("failure", "", asFailure(err)) // for a client that is still there
}

// follow hands on entries until the context ends. It waits for a client that is slow; the services do not.
func (s *stream) follow(ctx context.Context) error {
	return logstore.FollowAll(ctx, s.sources, logstore.Query{Tail: s.tail}, func(entry logstore.Entry) error {
		if s.passed(&entry) {
			return nil
		}
		select {
		case s.lines <- entry:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// sendLines sends an entry and those that are there with it, and where that leaves the stream.
func (s *stream) sendLines(entry logstore.Entry) error {
	lines := []logstore.Line{s.take(entry)}
	for len(lines) < batchMax {
		select {
		case entry = <-s.lines:
			lines = append(lines, s.take(entry))
			continue
		default:
		}
		break
	}
	return s.out.event("logs", s.at.String(), struct {
		Lines []logstore.Line `json:"lines"`
	}{lines})
}

func (s *stream) take(entry logstore.Entry) logstore.Line {
	s.at.pass(&entry)
	return entry.Line(textMax)
}

func (s *stream) sendState() error {
	report, err := s.report()
	if err != nil {
		return err
	}
	var phases []phase
	for _, service := range report.Services {
		phases = append(phases, phase{service.Name, service.Health, service.State, service.PID, service.Restarts})
	}
	if slices.Equal(phases, s.phases) && time.Since(s.sent) < stateEvery {
		return nil
	}
	s.phases, s.sent = phases, time.Now()
	return s.out.event("state", "", report)
}

// eventWriter writes server-sent events (HTML Living Standard, 9.2).
type eventWriter struct {
	to      http.ResponseWriter
	control *http.ResponseController
}

// newEventWriter begins an answer that has no end. A client that takes nothing for writeTimeout is given up.
func newEventWriter(w http.ResponseWriter) (*eventWriter, error) {
	e := &eventWriter{w, http.NewResponseController(w)}
	if err := e.control.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	return e, nil
}

func (e *eventWriter) event(name, id string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	return e.write("event: %s\n%sdata: %s\n\n", name, id, data)
}

func (e *eventWriter) comment(text string) error { return e.write(": %s\n\n", text) }

func (e *eventWriter) write(format string, args ...any) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.to, format, args...); err != nil {
		return err
	}
	return e.control.Flush()
}
