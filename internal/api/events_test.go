package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// watcher is a client of the stream.
type watcher struct {
	*testing.T
	body   io.Closer
	mu     sync.Mutex
	lines  []string // as service:text
	states []report
	id     string
	ended  chan struct{}
}

func (s *served) watch(query, lastID string) *watcher {
	s.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+base+"/events"+query, nil)
	if err != nil {
		s.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		s.Fatalf("events: %s %v", response.Status, response.Header)
	}
	w := &watcher{T: s.T, body: response.Body, ended: make(chan struct{})}
	s.Cleanup(w.close)
	go w.read(response.Body)
	return w
}

func (w *watcher) close() {
	w.body.Close()
	<-w.ended
}

func (w *watcher) read(body io.Reader) {
	defer close(w.ended)
	var name, id, data string
	scanner := bufio.NewScanner(body)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		field, value, _ := strings.Cut(scanner.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = value
		}
		if scanner.Text() == "" && name != "" {
			w.take(name, id, data)
			name, id, data = "", "", ""
		}
	}
}

func (w *watcher) take(name, id, data string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch name {
	case "logs":
		var batch struct{ Lines []logstore.Line }
		if err := json.Unmarshal([]byte(data), &batch); err != nil {
			w.Error(err)
		}
		for _, l := range batch.Lines {
			w.lines = append(w.lines, l.Service+":"+l.Text)
		}
		w.id = id
	case "state":
		var r report
		if err := json.Unmarshal([]byte(data), &r); err != nil {
			w.Error(err)
		}
		w.states = append(w.states, r)
	default:
		w.Errorf("event %q: %s", name, data)
	}
}

func (w *watcher) got() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.lines...)
}

func (w *watcher) wants(lines ...string) {
	w.Helper()
	until(w.T, strings.Join(lines, " "), func() bool { return len(w.got()) >= len(lines) })
	if got := strings.Join(w.got(), " "); got != strings.Join(lines, " ") {
		w.Fatalf("lines %q, want %q", got, lines)
	}
}

func write(t *testing.T, log *logstore.Writer, text string) {
	t.Helper()
	if err := log.Copy(logstore.Stdout, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

// A client that comes back gets what was written meanwhile, once: also lines that were captured together, of a service
// that had said nothing, and across a rotation.
func TestEventsResume(t *testing.T) {
	s := serve(t, Config{})
	s.service("redis", state.Healthy)
	folder := s.service("backend", state.Healthy)
	log, err := logstore.Open(folder.Logs(), logstore.Options{SegmentSize: 2000, SegmentsKept: 50})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	quiet := s.log(s.state.Service("redis"))
	write(t, quiet, "long ago\n")
	write(t, log, "a\nb\nc\n")
	first := s.watch("?tail=2", "")
	first.wants("backend:b", "backend:c")
	write(t, log, "d\ne\n")
	first.wants("backend:b", "backend:c", "backend:d", "backend:e")
	first.close()
	write(t, log, "f\ng\n")
	write(t, quiet, "again\n")
	second := s.watch("?tail=2", first.id)
	second.wants("backend:f", "backend:g", "redis:again")
	second.close()
	var want []string
	for i := range 200 {
		write(t, log, fmt.Sprintf("%d\n", i)) // several segments
		want = append(want, fmt.Sprintf("backend:%d", i))
	}
	third := s.watch("", second.id)
	third.wants(want...)
	s.watch("?tail=1&service=redis", "nonsense").wants("redis:again")
	for range 300 {
		write(t, log, "more\n")
		want = append(want, "backend:more")
	}
	third.wants(want...)
}

// State comes at once, with every change, and goes on when agents are replaced.
func TestEventsState(t *testing.T) {
	s := serve(t, Config{})
	folder := s.service("backend", state.Healthy)
	w := s.watch("", "")
	seen := func(condition func(service) bool) func() bool {
		return func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, r := range w.states {
				if condition(r.Services[0]) {
					return true
				}
			}
			return false
		}
	}
	until(t, "healthy", seen(func(s service) bool { return s.Health == state.Healthy && s.PID == 7 }))
	s.status(folder, state.Status{Health: state.Starting, Phase: state.Restarting, Restarts: 1})
	until(t, "restarting", seen(func(s service) bool { return s.State == state.Restarting && s.Restarts == 1 }))
	s.status(folder, state.Status{Instance: "another", Health: state.Healthy, Phase: state.Running, PID: 9, Started: time.Now()})
	until(t, "the next process", seen(func(s service) bool { return s.PID == 9 }))
}

// A line of any length is an event of bounded size, and one client too many is told so.
func TestEventsAreBounded(t *testing.T) {
	s := serve(t, Config{})
	log := s.log(s.service("backend", state.Healthy))
	write(t, log, strings.Repeat("x", 3*textMax)+"\n")
	first := s.watch("", "")
	until(t, "the line", func() bool { return len(first.got()) == 1 })
	if got := len(first.got()[0]); got != len("backend:")+textMax {
		t.Errorf("a line of %d bytes", got)
	}
	for range streamsAtOnce - 1 {
		s.watch("", "")
	}
	response, body := s.do(request{path: base + "/events"})
	if response.StatusCode != 503 || !strings.Contains(body, "too_many_streams") || response.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d %s", response.StatusCode, body)
	}
	first.close()
	until(t, "a place", func() bool { return s.streams.count() < streamsAtOnce })
	s.watch("", "")
}
