package logstore

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// retryInterval is how often the writer looks whether it can write again when the service prints nothing more.
const retryInterval = time.Second

// loss counts what could not be written. The service must not stall because its log cannot be kept, so its output is
// read on (containerd does the same: "Continue on write error to drain the container output").
type loss struct {
	lines int
	cause error
	timer *time.Timer
}

// lose counts records of a capture that are not in the log. A line of which a piece is lost is lost as a whole: its
// later pieces are dropped, and the ones in the log are closed before anything else is written.
func (w *Writer) lose(c *capture, b []byte) {
	if w.loss.lines == 0 {
		w.loss.timer.Reset(retryInterval)
	}
	if lastTag(b) == tagPartial {
		w.loss.lines++
		c.lost, c.line = true, c.line[:0]
	}
	for len(b) > 0 {
		if b[tagAt] == tagFull {
			w.loss.lines++
		}
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	if owner := &w.open[streamIndex(c.stream)]; *owner == c {
		*owner = orphan
	}
}

// reportLoss says in the log what is missing from it, as soon as it can be written to.
func (w *Writer) reportLoss() error {
	if w.loss.lines == 0 {
		return nil
	}
	if err := w.closeLine(Stderr, nil); err != nil {
		return err
	}
	lines := "lines"
	if w.loss.lines == 1 {
		lines = "line"
	}
	text := fmt.Appendf(nil, "%s%d %s lost: %v", NotePrefix, w.loss.lines, lines, rootCause(w.loss.cause))
	if _, err := w.log.append(appendRecord(nil, w.last, Stderr, tagFull, text)); err != nil {
		return err
	}
	w.loss.lines, w.loss.cause = 0, nil
	w.loss.timer.Stop()
	return nil
}

func (w *Writer) retry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.loss.lines == 0 {
		return
	}
	w.stamp()
	if w.reportLoss() != nil {
		w.loss.timer.Reset(retryInterval)
	}
}

// rootCause is the operating system's own words, without the path.
func rootCause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

func newStoppedTimer(f func()) *time.Timer {
	t := time.AfterFunc(time.Hour, f)
	t.Stop()
	return t
}
