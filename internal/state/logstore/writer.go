package logstore

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	defaultSegmentSize  = 16 << 20
	defaultSegmentsKept = 4

	// flushSize bounds the memory in which records wait to be written together.
	flushSize = 256 << 10
)

// Options of a Writer. The zero value is good.
type Options struct {
	// SegmentSize is how large a segment may become (default 16 MiB). It is exceeded only by a single record that is
	// larger than it.
	SegmentSize int64
	// SegmentsKept is how many segments there are at most (default 4), the one that is written included.
	SegmentsKept int
	// Secrets are replaced by *** wherever they occur, also across chunks and pieces. They are searched for as they
	// are: a form in which they are printed too (JSON, a URL) is a secret of its own. See cleanSecrets for newlines.
	Secrets [][]byte
	// Tee gets what was captured, redacted but otherwise as it came, after it is in the log. It is called from Copy, so
	// it may run for both streams at once, it must not keep the chunk, and while it blocks the service's output waits:
	// whoever passes it on to something that can stall has to drop instead.
	Tee func(s Stream, chunk []byte)
	// TeeNotes gets the lines of each Note in the same way.
	TeeNotes func(text []byte)

	now func() time.Time // for tests
}

// Writer writes a store. There must be one only; the caller holds a lock for that.
type Writer struct {
	secrets [][]byte
	options Options  // what is captured and noted goes on to its Tee and TeeNotes
	notes   *capture // what Note writes through

	// mu makes one record follow the other, with times in order.
	mu     sync.Mutex
	log    *appender
	last   time.Time // of the last record
	out    []byte    // records on their way
	head   []byte
	closed bool
	// open is, for each stream, whose line the last record in the log goes on with, nil if it ended one.
	open [2]*capture
	loss loss

	lines, bytes int64 // that were captured
}

// orphan owns a line that nobody will go on with.
var orphan = new(capture)

// Open opens a store to write to, and makes the folder if there is none. What a writer that was killed left behind is
// repaired first: half a record at the end is cut off, lines of which only a beginning is there are closed, and nothing
// before that is touched.
func Open(dir string, o Options) (*Writer, error) {
	if o.SegmentSize <= 0 {
		o.SegmentSize = defaultSegmentSize
	}
	if o.SegmentsKept <= 0 {
		o.SegmentsKept = defaultSegmentsKept
	}
	if o.now == nil {
		o.now = time.Now
	}
	// The log may hold what the service should not have printed; the service itself has no need to read it.
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	log, err := openAppender(dir, o.SegmentSize, o.SegmentsKept)
	if err != nil {
		return nil, err
	}
	w := &Writer{secrets: cleanSecrets(o.Secrets), options: o, log: log}
	if w.last, w.open, err = survey(dir); err != nil {
		log.file.Close()
		return nil, err
	}
	w.notes = newCapture(w, Stderr)
	w.loss.timer = newStoppedTimer(w.retry)
	for _, s := range []Stream{Stdout, Stderr} {
		if w.open[streamIndex(s)] != nil {
			w.stamp()
			_ = w.closeLine(s, nil) // on a full disk: later
		}
	}
	return w, nil
}

// Note writes a message of the agent's own, on Stderr, each line after NotePrefix. It is redacted, and teed:
// whoever watches the service where it runs wants to know, too.
func (w *Writer) Note(text string) {
	r := redactor{secrets: w.secrets}
	var b []byte
	for line := range strings.SplitSeq(text, "\n") {
		b = append(b, NotePrefix...)
		b = append(b, r.next([]byte(line), true)...)
		b = append(b, '\n')
	}
	w.mu.Lock()
	w.put(w.notes, b)
	w.mu.Unlock()
	if w.options.TeeNotes != nil {
		w.options.TeeNotes(b)
	}
}

// Captured is how many lines and bytes were captured, whether they could be written or not.
func (w *Writer) Captured() (lines, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lines, w.bytes
}

// Close ends the log. Every Copy should have returned: what comes later is read and dropped.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	w.loss.timer.Stop()
	w.stamp()
	lost := w.reportLoss()
	return errors.Join(lost, w.log.file.Close())
}

// put writes what a capture got, in as few writes as possible.
func (w *Writer) put(c *capture, text []byte) {
	if w.closed {
		return
	}
	if c.lost {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return
		}
		text, c.lost = text[end+1:], false
	}
	w.begin(c)
	b := w.out[:0]
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			b = w.keep(b, c, text)
			break
		}
		if len(c.line) == 0 && end <= maxText { // most lines: one copy, from the chunk into the record
			b = append(b, w.head...)
			b = append(b, text[:end+1]...)
		} else {
			b = w.keep(b, c, text[:end])
			b = w.record(b, tagFull, c.line)
			c.line = c.line[:0]
		}
		text = text[end+1:]
		if len(b) >= flushSize {
			w.commit(c, b)
			b = b[:0]
		}
	}
	w.commit(c, b)
	w.out = b
}

// keep adds text to the line that a capture is in, and cuts off pieces when it gets too long.
func (w *Writer) keep(b []byte, c *capture, text []byte) []byte {
	for len(c.line)+len(text) > maxText {
		n := maxText - len(c.line)
		c.line = append(c.line, text[:n]...)
		b = w.record(b, tagPartial, c.line)
		c.line, text = c.line[:0], text[n:]
	}
	c.line = append(c.line, text...)
	return b
}

// endLine writes the line that a capture is in, though its newline has not come.
func (w *Writer) endLine(c *capture, tag byte) {
	if w.closed || c.lost {
		return
	}
	w.begin(c)
	b := w.record(w.out[:0], tag, c.line)
	c.line = c.line[:0]
	w.commit(c, b)
	w.out = b
}

func (w *Writer) record(b []byte, tag byte, text []byte) []byte {
	at := len(b) + tagAt
	b = append(b, w.head...)
	b[at] = tag
	b = append(b, text...)
	return append(b, '\n')
}

// begin makes ready to write records of a capture, all of one time: that of a chunk, which is one read of the pipe.
func (w *Writer) begin(c *capture) {
	w.stamp()
	if w.loss.lines > 0 {
		_ = w.reportLoss() // commit sees whether there is still something to report
	}
	if err := w.closeLine(c.stream, c); err != nil {
		w.loss.cause = err
	}
	w.head = appendHeader(w.head[:0], w.last, c.stream, tagFull)
}

// stamp sets the time of the records to come, never before that of the last.
func (w *Writer) stamp() {
	if now := w.options.now().UTC(); now.After(w.last) && now.Year() <= 9999 {
		w.last = now
	}
}

// closeLine ends a line in the log that only its owner could go on with, with an empty piece. Otherwise readers would
// join to it what does not belong to it: a note, the first line after a restart.
func (w *Writer) closeLine(s Stream, unlessOf *capture) error {
	owner := &w.open[streamIndex(s)]
	if *owner == nil || *owner == unlessOf {
		return nil
	}
	if _, err := w.log.append(appendRecord(nil, w.last, s, tagFull, nil)); err != nil {
		return err
	}
	*owner = nil
	return nil
}

// commit writes records, which are all of one capture, or counts them as lost.
func (w *Writer) commit(c *capture, b []byte) {
	if len(b) == 0 {
		return
	}
	owner := &w.open[streamIndex(c.stream)]
	if w.loss.lines > 0 || *owner != nil && *owner != c {
		w.lose(c, b)
		return
	}
	n, err := w.log.append(b)
	if n > 0 {
		*owner = nil
		if lastTag(b[:n]) == tagPartial {
			*owner = c
		}
	}
	if err != nil {
		w.loss.cause = err
		w.lose(c, b[n:])
	}
}

// lastTag is the tag of the last of some records.
func lastTag(b []byte) byte {
	return b[bytes.LastIndexByte(b[:len(b)-1], '\n')+1+tagAt]
}
