package gateway

import (
	"bytes"
	"strconv"
)

// frames follows the messages that go in one direction of an HTTP/1 connection: it knows where each ends, and keeps
// nothing but a head that is not whole.
type frames struct {
	at   place
	left int64  // of a body or of a chunk with its end
	held []byte // what has come of a head, or of the line before a chunk
}

// place is where in a message the next byte belongs.
type place int

const (
	between   place = iota // no message has begun
	inHead                 // its head is not whole
	inBody                 // its length was told
	inSize                 // before a chunk
	inChunk                // in a chunk
	inTrailer              // behind the last chunk
	toTheEnd               // the body ends with the connection
)

const (
	// headMax is what the common servers take, and then some: nginx 32 KiB, Node 16, Apache 8.
	headMax = 64 << 10
	// sizeMax bounds the line before a chunk, which may say more than the size.
	sizeMax = 4 << 10
)

// head takes a text up to the end of a head. It gives the head when it is whole, and how much of the text was of it.
func (f *frames) head(text []byte) (head []byte, n int, err error) {
	if f.at == between {
		for n < len(text) && (text[n] == '\r' || text[n] == '\n') { // RFC 9112, 2.2: to be ignored
			n++
		}
		if n == len(text) {
			return nil, n, nil
		}
		f.at = inHead
	}
	if len(f.held) == 0 {
		if end := headEnd(text[n:], 0); end >= 0 && end <= headMax {
			return text[n : n+end], n + end, nil
		}
	}
	from := max(0, len(f.held)-3)
	kept := len(f.held)
	f.held = append(f.held, text[n:]...)
	end := headEnd(f.held, from)
	if end < 0 {
		if len(f.held) > headMax {
			return nil, len(text), errLong
		}
		return nil, len(text), nil
	}
	head = f.held[:end]
	f.held = nil
	if end > headMax {
		return nil, len(text), errLong
	}
	return head, n + end - kept, nil
}

// body says how the message goes on behind its head.
func (f *frames) body(h head, none bool) {
	switch {
	case none:
		f.at = between
	case h.chunked:
		f.at = inSize
	case h.coded, h.length < 0:
		f.at = toTheEnd
	case h.length == 0:
		f.at = between
	default:
		f.at, f.left = inBody, h.length
	}
}

// skip takes a text up to the end of the message, and tells how much of it that was.
func (f *frames) skip(text []byte) (n int, err error) {
	for n < len(text) && f.at != between {
		rest := text[n:]
		switch f.at {
		case inBody, inChunk:
			part := min(int64(len(rest)), f.left)
			n += int(part)
			if f.left -= part; f.left > 0 {
				continue
			}
			if f.at == inBody {
				f.at = between
			} else {
				f.at = inSize
			}
		case toTheEnd:
			return len(text), nil
		case inSize, inTrailer:
			line, size, err := f.line(rest)
			if err != nil {
				return n, err
			}
			n += size
			if line == nil {
				return n, nil
			}
			if err := f.afterLine(line); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// line takes a text up to the end of a line; nil: it is not whole.
func (f *frames) line(text []byte) (line []byte, n int, err error) {
	end := bytes.IndexByte(text, '\n')
	if end < 0 {
		f.held = append(f.held, text...)
		if len(f.held) > sizeMax {
			return nil, 0, errLong
		}
		return nil, len(text), nil
	}
	line = text[:end+1]
	if len(f.held) > 0 {
		line = append(f.held, line...)
		f.held = nil
	}
	line, _ = cutLine(line)
	if line == nil {
		line = []byte{}
	}
	return line, end + 1, nil
}

func (f *frames) afterLine(line []byte) error {
	if f.at == inTrailer {
		if len(line) == 0 {
			f.at = between
		}
		return nil
	}
	digits, _, _ := bytes.Cut(line, []byte{';'})
	size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 62)
	if err != nil {
		return errHead
	}
	if size == 0 {
		f.at = inTrailer
		return nil
	}
	f.at, f.left = inChunk, int64(size)+2
	return nil
}
