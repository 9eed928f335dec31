package gateway

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// web is a talk of HTTP/1. What goes to the service is not changed. An answer is, where the service wants to end the
// connection behind it: the client gets an answer that says its length, and no end.
type web struct {
	asks, answers frames
	open          []ask
	begun         bool // of the answer to the first of them something was passed on
	headOnly      bool // that is its head, and its body is to come
	chunking      bool // the answer ends with the service's connection, and is passed on in chunks
	spoilt        bool // the service has said what nobody asked for
	ends          bool // the client waits for the end behind the answer
	before        bool // this connection with the service has answered before
	closes        bool // the service has said that it ends the connection, and the client was not told
	lost          bool // the talk is HTTP no more, or cannot be understood
	proxied       bool // it goes on with who a proxy has connected the client with
	cut           bool // what was said last may go on in the next piece of the tunnel

	// last is the last request, if it can be said once more to a service that ended the connection before it answered: who
	// ends a connection that waits may do so just when a request comes (RFC 9112, 9.3.1).
	last []byte
}

// ask is a request that is not answered to its end.
type ask struct {
	head, connect bool
	old           bool // HTTP/1.0
	close, keep   bool // Connection: what the client wants
	ahead         bool // another was not answered when this one came
}

const (
	// openMax bounds the requests that a client sends ahead.
	openMax = 1024
	// lastMax bounds a request that is kept.
	lastMax = 8 << 10
	// webIdle is less than any server waits for the next request (gunicorn: 2 s): a request never meets a connection that
	// the server is about to end.
	webIdle = time.Second
)

// another: no client asks again before it has got the answer, but for those that send several requests in one piece.
func (w *web) another(text []byte, pause time.Duration) bool {
	line, _ := cutLine(text)
	_, target, _, request := splitRequest(line)
	switch {
	case w.proxied: // what is said there may begin with anything: another client asks the proxy
		return pause >= breath && request && (bytes.HasPrefix(line, []byte("CONNECT ")) || bytes.Contains(target, []byte("://")))
	case w.lost:
		return pause >= breath && begins(text)
	case w.asks.at == between:
		text = bytes.TrimLeft(text, "\r\n")
		waits := len(w.open) > 0 && !(w.cut && pause < breath)
		return len(text) > 0 && (w.spoilt || w.closes || waits || !isMethod(text[0]))
	case w.asks.at == inHead:
		return request
	}
	return request && pause >= breath
}

func (w *web) said(text []byte) {
	w.cut = len(text)%tunnelPiece == 0
	for len(text) > 0 && !w.lost {
		var n int
		var err error
		if w.asks.at == between || w.asks.at == inHead {
			var head []byte
			if head, n, err = w.asks.head(text); head != nil {
				err = w.request(head)
			}
		} else {
			n, err = w.asks.skip(text)
		}
		if err != nil {
			w.lose()
		}
		text = text[n:]
	}
}

// lose gives both directions up: what follows is passed on as it comes.
func (w *web) lose() { *w = web{lost: true} }

func (w *web) request(text []byte) error {
	h, err := parseHead(text)
	if err != nil {
		return err
	}
	method, err := h.request()
	if err != nil || h.coded && !h.chunked || len(w.open) == openMax {
		return errHead
	}
	w.open = append(w.open, ask{
		head: string(method) == http.MethodHead, connect: string(method) == http.MethodConnect,
		old: h.minor == '0', close: h.close, keep: h.keepAlive, ahead: len(w.open) > 0,
	})
	w.asks.body(h, !h.coded && h.length < 0)
	w.last = w.last[:0]
	if len(w.open) == 1 && w.asks.at == between && len(text) <= lastMax && isSafe(string(method)) {
		w.last = append(w.last, text...)
	}
	return nil
}

// isSafe tells whether a request may be said twice (RFC 9110, 9.2.1).
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func (w *web) answered(text []byte) []byte {
	if w.lost {
		return text
	}
	s := splice{text: text}
	w.headOnly = false
	for s.at < len(text) && !w.lost {
		if err := w.hear(&s); err != nil {
			w.lose()
		}
	}
	if w.lost {
		s.keep(len(text) - s.at)
	}
	return s.result()
}

// hear takes a part of what the service said.
func (w *web) hear(s *splice) error {
	rest := s.text[s.at:]
	switch {
	case len(w.open) == 0 && w.asks.at == between:
		w.spoilt = true
		s.drop(len(rest))
		return nil
	case len(w.open) == 0:
		return errHead // of a request that is not whole: the client is there
	case w.answers.at == between || w.answers.at == inHead:
		held := w.answers.held
		head, n, err := w.answers.head(rest)
		if err != nil {
			s.put(held)
			return err
		}
		if head == nil {
			s.drop(n)
			return nil
		}
		return w.answer(s, head, n)
	}
	n, err := w.answers.skip(rest)
	if err != nil {
		return err
	}
	if w.chunking {
		s.put(fmt.Appendf(nil, "%x\r\n", n))
		s.keep(n)
		s.put([]byte("\r\n"))
		return nil
	}
	s.keep(n)
	if w.answers.at == between {
		w.answeredWhole()
	}
	return nil
}

// answer passes on the head of an answer, which ends n bytes further.
func (w *web) answer(s *splice, text []byte, n int) error {
	ask := w.open[0]
	pass := func(changed []byte) {
		if len(text) <= n && changed == nil {
			s.drop(n - len(text)) // empty lines before it
			s.keep(len(text))
			return
		}
		s.drop(n)
		if changed == nil {
			changed = text
		}
		s.put(changed)
	}
	h, err := parseHead(text)
	status := 0
	if err == nil {
		status, err = h.status()
	}
	if err != nil || status == http.StatusSwitchingProtocols || ask.connect && status < 300 {
		pass(nil)
		w.lose()
		w.proxied = err == nil && ask.connect
		return nil
	}
	w.begun = true
	if status < 200 { // the answer is to come
		w.answers.at = between
		pass(nil)
		return nil
	}
	w.answers.body(h, ask.head || status == http.StatusNoContent || status == http.StatusNotModified)
	toTheEnd := w.answers.at == toTheEnd
	last := h.close || h.minor == '0' && !h.keepAlive
	switch {
	case ask.old:
		// Without a word, a client of HTTP/1.0 expects the end; who says close knows the length where it is told.
		w.ends = !ask.close && !(ask.keep && !last)
		pass(nil)
	case toTheEnd && !h.coded:
		w.chunking = true
		pass(rewrite(text, ask.close, true))
	case last && !ask.close && !toTheEnd:
		w.closes = true
		pass(rewrite(text, false, false))
	default:
		pass(nil)
	}
	w.headOnly = s.at == len(s.text) && w.answers.at != between
	if w.answers.at == between {
		w.answeredWhole()
	}
	return nil
}

func (w *web) answeredWhole() {
	w.open = w.open[1:]
	if len(w.open) == 0 {
		w.open = nil
	}
	w.begun, w.before = false, true
}
