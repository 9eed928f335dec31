package gateway

import (
	"bytes"
	"errors"
	"strconv"
)

// head is what the head of an HTTP/1 message says about where the message ends, and whether the connection goes on.
// net/http reads heads too, at ten times the cost: this is what every request and every answer has to pay.
type head struct {
	line      []byte // the first line, without its end
	minor     byte   // of the version: '0' or '1'
	length    int64  // Content-Length; -1: not told
	coded     bool   // Transfer-Encoding is there,
	chunked   bool   // and ends with chunked
	close     bool   // Connection: close
	keepAlive bool   // Connection: keep-alive
}

var (
	errHead = errors.New("not the head of an HTTP/1 message")
	errLong = errors.New("the head is too long")
)

// parseHead reads a whole head, with the empty line at its end.
func parseHead(text []byte) (head, error) {
	h := head{length: -1}
	h.line, text = cutLine(text)
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return h, errHead
		}
		line := text[:end]
		text = text[end+1:]
		if len(line) == 0 || line[0] == '\r' || line[0] == ' ' || line[0] == '\t' { // the last field goes on (RFC 9112, 5.2)
			continue
		}
		// Of the others it is enough that they are fields.
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			return h, errHead
		}
		switch colon {
		case len("connection"), len("content-length"), len("transfer-encoding"):
			if err := h.field(line[:colon], line[colon+1:]); err != nil {
				return h, err
			}
		}
	}
	return h, nil
}

// field takes note of those that matter here: their names are known by their length first.
func (h *head) field(name, value []byte) error {
	switch {
	case len(name) == len("connection") && is(name, "connection"):
		for option := range bytes.SplitSeq(value, []byte{','}) {
			option = bytes.TrimSpace(option)
			h.close = h.close || is(option, "close")
			h.keepAlive = h.keepAlive || is(option, "keep-alive")
		}
	case len(name) == len("content-length") && is(name, "content-length"):
		n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 63)
		if err != nil || h.length >= 0 && h.length != int64(n) {
			return errHead
		}
		h.length = int64(n)
	case len(name) == len("transfer-encoding") && is(name, "transfer-encoding"):
		value = bytes.TrimSpace(value)
		h.coded = true
		h.chunked = is(value[max(0, len(value)-len("chunked")):], "chunked")
	}
	return nil
}

// request reads the first line of a request.
func (h *head) request() (method []byte, err error) {
	method, target, version, ok := splitRequest(h.line)
	if !ok || len(target) == 0 {
		return nil, errHead
	}
	h.minor = version[len(version)-1]
	return method, nil
}

// status reads the first line of an answer.
func (h *head) status() (int, error) {
	const version = "HTTP/1.x "
	if len(h.line) < len(version)+3 || !bytes.HasPrefix(h.line, []byte("HTTP/1.")) || h.line[len(version)-1] != ' ' {
		return 0, errHead
	}
	h.minor = h.line[len(version)-2]
	status, err := strconv.Atoi(string(h.line[len(version) : len(version)+3]))
	if err != nil || status < 100 {
		return 0, errHead
	}
	return status, nil
}

// splitRequest tells whether a line is the first of an HTTP/1 request.
func splitRequest(line []byte) (method, target, version []byte, ok bool) {
	method, rest, _ := bytes.Cut(line, []byte{' '})
	target, version, found := bytes.Cut(rest, []byte{' '})
	if !found || len(method) < 2 || len(method) > 20 || !bytes.Equal(version, []byte("HTTP/1.1")) && !bytes.Equal(version, []byte("HTTP/1.0")) {
		return nil, nil, nil, false
	}
	for _, c := range method {
		if !isMethod(c) {
			return nil, nil, nil, false
		}
	}
	return method, target, version, true
}

func isMethod(c byte) bool { return 'A' <= c && c <= 'Z' || c == '-' || c == '_' }

// is compares what is a word of HTTP, in which case does not count.
func is(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// cutLine takes the first line off a text. A line may end without a carriage return (RFC 9112, 2.2).
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}

// headEnd is where the empty line after a head ends, looked for from an offset on; -1: it is not there yet.
func headEnd(text []byte, from int) int {
	for {
		i := bytes.IndexByte(text[from:], '\n')
		if i < 0 {
			return -1
		}
		from += i + 1
		switch rest := text[from:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return from + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return from + 2
		}
	}
}
