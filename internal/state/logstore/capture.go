package logstore

import (
	"bytes"
	"io"
	"time"
)

const (
	// readSize is as much as a pipe holds (pipe(7): 65,536 bytes), so that one read empties it.
	readSize = 64 << 10
	// promptDelay is how long a text without newline waits for its rest before it is written as it is.
	promptDelay = time.Second
)

var newline = []byte{'\n'}

// capture is one output of a process on its way into the log. Copy makes one for each pipe, so that what a process left
// unfinished is not taken up by the next.
type capture struct {
	w      *Writer
	stream Stream
	redact redactor
	own    own

	// Guarded by w.mu:
	line []byte // a line that is not complete, as far as it is not written
	lost bool   // the line it is in could not be written; the rest of it is dropped
	// prompt fires when line has waited for promptDelay since the time of its last byte.
	prompt *time.Timer
	armed  bool
	since  time.Time
}

func newCapture(w *Writer, s Stream) *capture {
	if s != Stderr {
		s = Stdout // the format has no other
	}
	c := &capture{w: w, stream: s, redact: redactor{secrets: w.secrets}}
	c.prompt = newStoppedTimer(c.flushPrompt)
	return c
}

// Copy captures what r gives, usually the pipe that is a process's output, until its end. It is called once for each
// stream and process, all at the same time, and returns what ended it: nil for io.EOF. That the log cannot be written
// does not end it, see Writer. To end it before r ends, close r.
//
// Every complete line that one Read gave is in the log before the next Read. The last line of r may lack a newline.
func (w *Writer) Copy(s Stream, r io.Reader) error {
	c := newCapture(w, s)
	longest := 0
	for _, secret := range w.secrets {
		longest = max(longest, len(secret))
	}
	buf := make([]byte, longest+readSize)
	held, idle := 0, 0
	for {
		n, err := r.Read(buf[held : held+readSize])
		if idle++; n > 0 {
			idle = 0
		} else if err == nil && idle == 100 { // as bufio does with a broken reader
			err = io.ErrNoProgress
		}
		raw := buf[:held+n]
		c.add(c.own.mark(c.redact.next(raw, err != nil)))
		if err != nil {
			c.end()
			if err == io.EOF {
				return nil
			}
			return err
		}
		held = copy(buf, raw[len(raw)-c.redact.hold:])
	}
}

// add takes redacted text.
func (c *capture) add(text []byte) {
	if len(text) == 0 {
		return
	}
	w := c.w
	w.mu.Lock()
	w.lines += int64(bytes.Count(text, newline))
	w.bytes += int64(len(text))
	w.put(c, text)
	if len(c.line) > 0 {
		c.since = time.Now()
		c.prompt.Reset(promptDelay)
		c.armed = true
	} else if c.armed {
		c.prompt.Stop()
		c.armed = false
	}
	w.mu.Unlock()
	if w.options.Tee != nil {
		w.options.Tee(c.stream, text)
	}
}

// flushPrompt makes visible what a process prints before it waits, as a piece with more to come.
func (c *capture) flushPrompt() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if len(c.line) == 0 {
		return
	}
	// The timer may have fired while more text came.
	if left := promptDelay - time.Since(c.since); left > 0 {
		c.prompt.Reset(left)
		return
	}
	c.w.endLine(c, tagPartial)
}

// end ends the line that the process left without newline.
func (c *capture) end() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.prompt.Stop()
	if len(c.line) > 0 || c.w.open[streamIndex(c.stream)] == c {
		c.w.endLine(c, tagFull)
	}
}
