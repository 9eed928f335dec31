package logstore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestRotation(t *testing.T) {
	const size, kept = 1000, 3
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: size, SegmentsKept: kept})
	for i := 1; i <= 500; i++ {
		say(t, w, Stdout, fmt.Sprintf("line %d\n", i))
	}
	say(t, w, Stdout, joined(numbered(501, 1000))) // one chunk over several segments
	names, contents := segmentsOf(t, dir)
	if len(names) != kept {
		t.Fatalf("%d segments, want %d", len(names), kept)
	}
	for i, c := range contents {
		if len(c) > size || len(c) < size-headerLen-len("line 1000\n") && i < kept-1 || c[len(c)-1] != '\n' {
			t.Errorf("%s has %d bytes and ends in %q", names[i], len(c), c[len(c)-1])
		}
	}
	es := mustTail(t, dir, Query{})
	wantTexts(t, es, numbered(1001-len(es), 1000)...)
	if got, most := len(es), kept*size/headerLen; got > most || got < 40 {
		t.Fatalf("%d lines", got)
	}
}

func TestRecordLargerThanASegment(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 50, SegmentsKept: 10})
	say(t, w, Stdout, "a\n"+x(100)+"\nb\n")
	wantTexts(t, mustTail(t, dir, Query{}), "a", x(100), "b")
	if names, _ := segmentsOf(t, dir); len(names) != 3 {
		t.Fatalf("%d segments, want 3", len(names))
	}
}

// brokenFile fails as a disk does: after a part of what is written, and on demand at all.
type brokenFile struct {
	segmentFile
	errs  *[]error // of the next writes; nil: a write that works
	stuck *bool    // truncate fails too
}

func (f brokenFile) Write(b []byte) (int, error) {
	if len(*f.errs) == 0 {
		return f.segmentFile.Write(b)
	}
	err := (*f.errs)[0]
	*f.errs = (*f.errs)[1:]
	if err == nil {
		return f.segmentFile.Write(b)
	}
	n, _ := f.segmentFile.Write(b[:len(b)/2])
	return n, err
}

func (f brokenFile) Truncate(size int64) error {
	if *f.stuck {
		return syscall.EIO
	}
	return f.segmentFile.Truncate(size)
}

// breakable returns a writer whose writes fail as told.
func breakable(t *testing.T, dir string, o Options) (w *Writer, errs *[]error, stuck *bool) {
	w = mustOpen(t, dir, o)
	errs, stuck = new([]error), new(bool)
	w.log.file = brokenFile{segmentFile: w.log.file, errs: errs, stuck: stuck}
	w.log.open = func(path string) (segmentFile, error) {
		f, err := createSegment(path)
		return brokenFile{segmentFile: f, errs: errs, stuck: stuck}, err
	}
	return w, errs, stuck
}

func TestWriteError(t *testing.T) {
	eio := error(&os.PathError{Op: "write", Path: "x", Err: syscall.EIO})
	t.Run("what is lost is counted and said", func(t *testing.T) {
		dir := t.TempDir()
		w, errs, _ := breakable(t, dir, Options{})
		say(t, w, Stdout, "a\n")
		*errs = []error{eio, eio, eio}
		say(t, w, Stdout, "b\nc\n") // half of it is written: b
		say(t, w, Stdout, "d\ne\n") // fails already at the message
		say(t, w, Stderr, "f\n")
		say(t, w, Stderr, "g\n")
		wantTexts(t, mustTail(t, dir, Query{}), "a", "b", "[stack] 4 lines lost: input/output error", "g")
	})
	t.Run("one line", func(t *testing.T) {
		dir := t.TempDir()
		w, errs, _ := breakable(t, dir, Options{})
		*errs = []error{eio}
		say(t, w, Stdout, "a\n")
		w.Note("b")
		wantTexts(t, mustTail(t, dir, Query{}), "[stack] 1 line lost: input/output error", "[stack] b")
	})
	t.Run("a long line is lost as a whole", func(t *testing.T) {
		dir := t.TempDir()
		w, errs, _ := breakable(t, dir, Options{})
		c := newCapture(w, Stdout)
		c.add([]byte(x(maxText) + "tail")) // one piece is in the log
		*errs = []error{eio}
		c.add([]byte(x(maxText) + "tail")) // one is not
		c.add([]byte(x(maxText) + "tail"))
		c.add([]byte(" and its end\nnext\n"))
		c.end()
		wantTexts(t, mustTail(t, dir, Query{}), "[stack] 1 line lost: input/output error", x(maxText), "next")
	})
	t.Run("the message is not in the middle of a line", func(t *testing.T) {
		dir := t.TempDir()
		w, errs, _ := breakable(t, dir, Options{})
		c := newCapture(w, Stderr)
		c.add([]byte(x(maxText + 1)))
		*errs = []error{eio}
		say(t, w, Stdout, "lost\n")
		c.add([]byte("y\n"))
		wantTexts(t, mustTail(t, dir, Query{}), x(maxText), "[stack] 1 line lost: input/output error", "xy")
	})
	t.Run("a half record that cannot be cut off", func(t *testing.T) {
		dir := t.TempDir()
		w, errs, stuck := breakable(t, dir, Options{})
		say(t, w, Stdout, "a\n")
		*errs, *stuck = []error{eio}, true
		say(t, w, Stdout, "lost\n") // leaves half a record, so the log goes on in another segment
		say(t, w, Stdout, "b\n")
		es := mustTail(t, dir, Query{})
		if len(es) != 4 || string(es[0].Text) != "a" || string(es[3].Text) != "b" || string(es[2].Text) != "[stack] 1 line lost: input/output error" {
			t.Fatalf("got %q", texts(es))
		}
		if !bytes.HasPrefix(es[1].Text, []byte("20")) { // half a header, as it is
			t.Fatalf("got %q", es[1].Text)
		}
	})
	t.Run("said at the end", func(t *testing.T) {
		dir := t.TempDir()
		w, errs, _ := breakable(t, dir, Options{})
		*errs = []error{eio}
		say(t, w, Stdout, "a\n")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		wantTexts(t, mustTail(t, dir, Query{}), "[stack] 1 line lost: input/output error")
	})
	t.Run("said also when nothing more comes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			w, errs, _ := breakable(t, dir, Options{})
			*errs = []error{eio, eio}
			say(t, w, Stdout, "a\n")
			time.Sleep(retryInterval + 1)
			synctest.Wait()
			wantTexts(t, mustTail(t, dir, Query{}))
			time.Sleep(retryInterval)
			synctest.Wait()
			wantTexts(t, mustTail(t, dir, Query{}), "[stack] 1 line lost: input/output error")
		})
	})
	t.Run("disk full: the oldest go first", func(t *testing.T) {
		for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
			dir := t.TempDir()
			w, errs, _ := breakable(t, dir, Options{SegmentSize: 50, SegmentsKept: 10})
			say(t, w, Stdout, "a\nb\nc\n")
			*errs = []error{full, full}
			say(t, w, Stdout, "d\n")
			wantTexts(t, mustTail(t, dir, Query{}), "c", "d")
			*errs = []error{full, full, full}
			say(t, w, Stdout, "e\n")
			say(t, w, Stdout, "f\n")
			wantTexts(t, mustTail(t, dir, Query{}), "[stack] 1 line lost: "+full.Error(), "f")
		}
	})
	t.Run("no new segment", func(t *testing.T) {
		dir := t.TempDir()
		w, _, _ := breakable(t, dir, Options{SegmentSize: 50, SegmentsKept: 10})
		good, n := w.log.open, 0
		w.log.open = func(path string) (segmentFile, error) {
			if n++; n <= 3 {
				return nil, &os.PathError{Op: "open", Path: path, Err: syscall.ENOSPC}
			}
			return good(path)
		}
		say(t, w, Stdout, "a\nb\n") // only a fits into the segment there is
		say(t, w, Stdout, "c\n")
		say(t, w, Stdout, "d\n")
		say(t, w, Stdout, "e\n")
		wantTexts(t, mustTail(t, dir, Query{}), "a", "[stack] 3 lines lost: no space left on device", "e")
	})
}

func TestCauseIsTheSystemsOwnWords(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", &os.PathError{Op: "write", Path: "/secret/path", Err: syscall.ENOSPC})
	if got := rootCause(err).Error(); got != "no space left on device" {
		t.Fatalf("got %q", got)
	}
	if got := rootCause(errors.New("other")).Error(); !strings.Contains(got, "other") {
		t.Fatalf("got %q", got)
	}
}
