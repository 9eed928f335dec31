package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"dagger/stack/internal/lazyregexp"
)

// A stream does not end when its client is gone: Dagger's tunnel tells nobody. So the dashboard says that it is still there,
// and of the others the oldest gives its seat to a new one.

const (
	// streamsAtOnce is more than the dashboards that people have open.
	streamsAtOnce = 32
	// pageSilence is how long a page may not say that it is there. It does every 5 s.
	pageSilence = 30 * time.Second
	// seatMin is how long a stream has its seat for sure. Who loses it comes back with the last id, and misses nothing.
	seatMin = 30 * time.Second
)

// streams are those that are open.
type streams struct {
	mu   sync.Mutex
	open map[*seat]struct{}
}

// seat is a stream's.
type seat struct {
	page  string // empty: the client does not say that it is there
	begun time.Time
	seen  time.Time
	end   context.CancelFunc
}

func newStreams() *streams { return &streams{open: map[*seat]struct{}{}} }

// enter takes a seat, false if there is none. The context ends when it has to be left.
func (s *streams) enter(ctx context.Context, page string) (_ context.Context, leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if len(s.open) >= streamsAtOnce && !s.makeRoom(now) {
		return ctx, nil, false
	}
	ctx, end := context.WithCancel(ctx)
	taken := &seat{page: page, begun: now, seen: now, end: end}
	s.open[taken] = struct{}{}
	return ctx, func() {
		end()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, taken)
	}, true
}

// makeRoom ends the oldest stream of a client that does not say that it is there.
func (s *streams) makeRoom(now time.Time) bool {
	var oldest *seat
	for seat := range s.open {
		if seat.page == "" && now.Sub(seat.begun) >= seatMin && (oldest == nil || seat.begun.Before(oldest.begun)) {
			oldest = seat
		}
	}
	if oldest == nil {
		return false
	}
	oldest.end()
	delete(s.open, oldest)
	return true
}

// stays is told by a page that it is there.
func (s *streams) stays(page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for seat := range s.open {
		if seat.page == page {
			seat.seen = time.Now()
		}
	}
}

// sweep ends the streams of pages that are gone.
func (s *streams) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for seat := range s.open {
		if seat.page != "" && now.Sub(seat.seen) >= pageSilence {
			seat.end()
		}
	}
}

// pageName is what a page calls itself, at random.
var pageName = lazyregexp.New(`^[A-Za-z0-9-]{8,64}$`)

func checkPage(page string) error {
	if !pageName.MatchString(page) {
		return badRequest("page %q: want 8 to 64 of A-Z, a-z, 0-9 and -", page)
	}
	return nil
}

// stays answers a page that is still there.
func (s *Server) stays(w http.ResponseWriter, r *http.Request) error {
	page := r.PathValue("page")
	if err := checkPage(page); err != nil {
		return err
	}
	s.streams.stays(page)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
