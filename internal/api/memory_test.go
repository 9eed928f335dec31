package api

import (
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Requests for logs are answered one after the other: four at once cost no more memory than one.
func TestLogsInBoundedMemory(t *testing.T) {
	s := serve(t, Config{})
	log := s.log(s.service("web", state.Healthy))
	if err := log.Copy(logstore.Stdout, strings.NewReader(strings.Repeat(strings.Repeat("a", 4000)+"\n", 10_000))); err != nil {
		t.Fatal(err)
	}
	ask := func() {
		response, err := http.Get(s.url + "/api/v1/projects/shop/logs/web?tail=10000")
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		if n, err := io.Copy(io.Discard, response.Body); err != nil || n < 40_000_000 {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
	peak := func(clients int) (most uint64) {
		defer debug.SetGCPercent(debug.SetGCPercent(10))
		done := make(chan struct{})
		go func() {
			var all sync.WaitGroup
			for range clients {
				all.Go(ask)
			}
			all.Wait()
			close(done)
		}()
		for {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
			select {
			case <-done:
				return most
			case <-time.After(time.Millisecond):
			}
		}
	}
	one, four := peak(1), peak(4)
	if t.Logf("one request: %d MiB, four: %d MiB", one>>20, four>>20); four > 2*one {
		t.Errorf("one request costs %d MiB, four at once %d", one>>20, four>>20)
	}
}
