package gateway

import (
	"fmt"
	"time"
)

func (w *web) ended(how end) ([]byte, turn) {
	switch {
	case w.lost, len(w.open) > 0 && w.open[0].ahead:
		return nil, waits // a client that sent it ahead sends it again
	case w.chunking && how.clean:
		w.chunking, w.answers.at = false, between
		w.answeredWhole()
		return []byte("0\r\n\r\n"), w.turn()
	case len(w.open) == 1 && !w.begun && len(w.last) > 0 && w.before && !how.absent:
		w.before, w.answers = false, frames{}
		return w.last, again
	case len(w.open) == 1 && !w.begun:
		w.answers.held = nil
		if w.open[0].old && !w.open[0].close {
			w.ends = true
		}
		w.answers.at = between
		w.answeredWhole()
		text := "stack: " + how.why + "\n"
		return fmt.Appendf(nil, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(text), text), w.turn()
	case len(w.open) > 0:
		return nil, waits
	}
	return nil, w.turn()
}

// turn is the client's when no answer is open.
func (w *web) turn() turn {
	switch {
	case w.ends || len(w.open) > 0:
		return waits
	case w.asks.at == between:
		return rests
	}
	return speaks
}

func (w *web) resume([]byte) turn {
	switch {
	case w.lost:
		return waits
	case w.asks.at == between:
		return anew
	}
	return speaks
}

func (w *web) proven() bool { return w.before }

func (w *web) idle(silent time.Duration) bool {
	return silent >= webIdle && !w.lost && w.asks.at == between && len(w.open) == 0
}

func (w *web) bare() bool { return w.headOnly }

func (w *web) finish(text []byte) (n int) {
	if w.lost || w.asks.at == between || w.asks.at == inHead || len(w.open) > 0 {
		return 0
	}
	n, err := w.asks.skip(text)
	if err != nil {
		return 0
	}
	return n
}
