package api

import (
	"net/http/httptest"
	"testing"
	"time"

	"dagger/stack/internal/state"
)

// Streams whose clients are gone, which nobody is told of, do not keep the others out.
func TestSeats(t *testing.T) {
	full := func(page string) *streams {
		s := newStreams()
		for range streamsAtOnce {
			if _, _, ok := s.enter(t.Context(), page); !ok {
				t.Fatal("no seat")
			}
		}
		return s
	}
	age := func(s *streams, by time.Duration) {
		for seat := range s.open {
			seat.begun, seat.seen = seat.begun.Add(-by), seat.seen.Add(-by)
		}
	}
	t.Run("all are new", func(t *testing.T) {
		if _, _, ok := full("").enter(t.Context(), ""); ok {
			t.Error("there was a seat")
		}
	})
	t.Run("the oldest goes", func(t *testing.T) {
		s := full("")
		age(s, seatMin)
		if _, _, ok := s.enter(t.Context(), "page-page"); !ok || s.count() != streamsAtOnce {
			t.Errorf("%v, %d streams", ok, s.count())
		}
	})
	t.Run("pages keep theirs", func(t *testing.T) {
		s := full("page-page")
		age(s, seatMin)
		if _, _, ok := s.enter(t.Context(), ""); ok {
			t.Error("there was a seat")
		}
	})
	t.Run("pages that are gone", func(t *testing.T) {
		s := newStreams()
		gone, leaveGone, _ := s.enter(t.Context(), "gone-page")
		there, leaveThere, _ := s.enter(t.Context(), "page-page")
		age(s, pageSilence)
		s.stays("page-page")
		s.sweep(time.Now())
		if gone.Err() == nil || there.Err() != nil {
			t.Errorf("gone: %v, there: %v", gone.Err(), there.Err())
		}
		leaveGone()
		leaveThere()
		if s.count() != 0 {
			t.Errorf("%d streams are left", s.count())
		}
	})
}

// What is no page is no parameter.
func TestPage(t *testing.T) {
	s := serve(t, Config{})
	s.service("redis", state.Healthy)
	for _, path := range []string{"/events?page=", "/events?page=a", "/events/a"} {
		if response, body := s.do(request{path: base + path}); response.StatusCode != 400 {
			t.Errorf("%s: %s %s", path, response.Status, body)
		}
	}
	if response, _ := s.do(request{path: base + "/events/page-page"}); response.StatusCode != 204 {
		t.Error(response.Status)
	}
}

// Who is not on the machine needs the token for reading, too.
func TestStrangers(t *testing.T) {
	s := serve(t, Config{})
	s.service("redis", state.Healthy)
	web := httptest.NewServer(s.ForStrangers().Handler())
	defer web.Close()
	s.url = web.URL
	if response, _ := s.do(request{path: base + "/logs/redis"}); response.StatusCode != 401 {
		t.Error(response.Status)
	}
	if response, body := s.do(request{path: base + "/logs/redis", headers: s.bearer()}); response.StatusCode != 200 {
		t.Error(response.Status, body)
	}
}

func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
