package gateway

import (
	"bufio"
	"io"
	"iter"
	"math"
	"net/http"
)

// parser reads messages from what is written to it. It runs in write, as far as the text goes.
type parser struct {
	between bool // the last message was whole, and there is nothing of another

	source io.LimitedReader
	text   []byte
	resume func() (struct{}, bool)
	pause  func(struct{}) bool
	close  func()
}

// newParser is one that has read called for each message, until it fails.
func newParser(read func(*bufio.Reader) error) *parser {
	p := &parser{}
	p.source.R = p
	p.resume, p.close = iter.Pull(func(pause func(struct{}) bool) {
		p.pause = pause
		for r := bufio.NewReader(&p.source); ; {
			p.source.N = http.DefaultMaxHeaderBytes
			if _, err := r.Peek(1); err != nil {
				return
			}
			p.between = false
			if err := read(r); err != nil {
				return
			}
			p.between = true
		}
	})
	return p
}

func (p *parser) write(text []byte) {
	p.text = text
	p.resume()
}

// Read is for the one that reads messages.
func (p *parser) Read(buf []byte) (int, error) {
	for len(p.text) == 0 {
		if !p.pause(struct{}{}) {
			return 0, io.EOF
		}
	}
	n := copy(buf, p.text)
	p.text = p.text[n:]
	return n, nil
}

// skip is for the body of a message, of which nothing is kept.
func (p *parser) skip(body io.Reader) error {
	p.source.N = math.MaxInt64
	_, err := io.Copy(io.Discard, body)
	return err
}
