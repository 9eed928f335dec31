package gateway

import "bytes"

// rewrite makes the head of an answer one of a connection that goes on.
func rewrite(text []byte, close, chunked bool) []byte {
	line, rest := cutLine(text)
	changed := append([]byte("HTTP/1.1"), line[len("HTTP/1.1"):]...)
	changed = append(changed, "\r\n"...)
	for len(rest) > 0 {
		line, rest = cutLine(rest)
		name, _, _ := bytes.Cut(line, []byte{':'})
		if len(line) == 0 || is(name, "connection") {
			continue
		}
		changed = append(append(changed, line...), "\r\n"...)
	}
	if close {
		changed = append(changed, "Connection: close\r\n"...)
	}
	if chunked {
		changed = append(changed, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(changed, "\r\n"...)
}

// splice makes a text of parts of another, which it only copies if something was changed.
type splice struct {
	text []byte
	at   int // so far it was gone through
	from int // from here to at it is kept, and not yet in made
	made []byte
	cut  bool
}

func (s *splice) keep(n int) { s.at += n }

func (s *splice) drop(n int) {
	if n == 0 {
		return
	}
	s.flush()
	s.at += n
	s.from = s.at
}

func (s *splice) put(text []byte) {
	if len(text) == 0 {
		return
	}
	s.flush()
	s.made = append(s.made, text...)
}

func (s *splice) flush() {
	s.made = append(s.made, s.text[s.from:s.at]...)
	s.from, s.cut = s.at, true
}

func (s *splice) result() []byte {
	if !s.cut {
		return s.text[:s.at]
	}
	s.flush()
	return s.made
}
