package logstore

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"
)

// view is a store at one moment: the segments there are, and how long the newest is. Segments are opened from the newest
// on and only as far as needed. An open one can be read after the writer has deleted it.
//
// Positions are counted from the beginning of the newest segment, those in older segments negative: so none of them has
// to be looked at before it is needed.
type view struct {
	dir   string
	segs  []segment // the newest first
	older []uint64  // sequence numbers of those not opened, the oldest first
	lines lines
}

type segment struct {
	seq  uint64
	file *os.File
	size int64
	base int64 // position of its first byte
}

const farBack = math.MinInt64 / 2 // before every position there is

// openView returns nil when there is no segment.
func openView(dir string) (*view, error) {
	for try := 0; ; try++ {
		seqs, err := listSegments(dir)
		if err != nil || len(seqs) == 0 {
			return nil, err
		}
		v := &view{dir: dir, older: seqs}
		if ok, err := v.extend(); ok || err != nil {
			return v, err
		}
		// The newest was deleted since it was listed: the writer has moved on. Hardly time and again.
		if try == 100 {
			return nil, fmt.Errorf("%s: %w", segmentPath(dir, seqs[len(seqs)-1]), fs.ErrNotExist)
		}
	}
}

func (v *view) close() {
	v.lines.free()
	for _, s := range v.segs {
		s.file.Close()
	}
}

// extend opens the next older segment. It is false when there is none. The writer deletes the oldest first, so behind
// one that is gone there is nothing.
func (v *view) extend() (bool, error) {
	if len(v.older) == 0 {
		return false, nil
	}
	seq := v.older[len(v.older)-1]
	v.older = v.older[:len(v.older)-1]
	f, err := os.Open(segmentPath(v.dir, seq))
	if errors.Is(err, fs.ErrNotExist) {
		v.older = nil
		return false, nil
	}
	if err != nil {
		return false, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return false, err
	}
	s := segment{seq: seq, file: f, size: info.Size()}
	if n := len(v.segs); n > 0 {
		s.base = v.segs[n-1].base - s.size
	}
	v.segs = append(v.segs, s)
	return true, nil
}

func (v *view) end() int64 { return v.segs[0].size }

// segmentAt is the index of the segment that holds a position, the oldest one for a position before all.
func (v *view) segmentAt(at int64) (int, error) {
	for i := 0; ; i++ {
		if v.segs[i].base <= at {
			return i, nil
		}
		if i+1 < len(v.segs) {
			continue
		}
		if ok, err := v.extend(); !ok || err != nil {
			return i, err
		}
	}
}

// lineStart is the first position from at on where a line begins, and whether it is the very first of the store.
func (v *view) lineStart(at int64) (int64, bool, error) {
	i, err := v.segmentAt(at)
	if err != nil {
		return 0, false, err
	}
	s := &v.segs[i]
	off := at - s.base
	if off <= 0 {
		return s.base, i == len(v.segs)-1 && len(v.older) == 0, nil
	}
	off, err = lineStart(s.file, off, s.size, v.lines.buffer())
	return s.base + off, false, err
}

// scan calls f for every line from a position on, which is the beginning of one, until f does not want the line it gets.
// At the end v.lines is where the log went on.
func (v *view) scan(from int64, f func(at int64, line []byte, cut bool) bool) error {
	i, err := v.segmentAt(from)
	if err != nil {
		return err
	}
	for ; i >= 0; i-- {
		s := &v.segs[i]
		v.lines.reset(s.file, max(0, from-s.base), s.size)
		for {
			at := s.base + v.lines.off
			line, ok, err := v.lines.next()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if !f(at, line, v.lines.cut) {
				return nil
			}
		}
		// A segment that is not the newest stays as it is: its end is the end of a line, newline or not.
		rest := v.lines.rest()
		if i > 0 && len(rest) > 0 && !f(s.base+v.lines.off, rest, false) {
			return nil
		}
	}
	return nil
}

// seek finds where the lines of time t and later begin, by halving: times are in order. All lines before from are
// earlier, all from to on are not; between the two is a block at most.
func (v *view) seek(t time.Time) (from, to int64, err error) {
	for i := 0; ; i++ {
		if i == len(v.segs) {
			if ok, err := v.extend(); err != nil {
				return 0, 0, err
			} else if !ok {
				start := v.segs[i-1].base
				return start, start, nil
			}
		}
		s := &v.segs[i]
		_, first, ok, err := v.probe(s, 0, s.size)
		if err != nil {
			return 0, 0, err
		}
		if ok && first.Before(t) {
			from, to, err = v.halve(s, t)
			return s.base + from, s.base + to, err
		}
	}
}

// halve is seek within one segment, of which the first line is earlier than t.
func (v *view) halve(s *segment, t time.Time) (from, to int64, err error) {
	to = s.size
	for to-from > blockSize {
		middle := from + (to-from)/2
		at, found, ok, err := v.probe(s, middle, to)
		switch {
		case err != nil:
			return 0, 0, err
		case ok && found.Before(t):
			from = at
		default:
			to = middle
		}
	}
	return from, to, nil
}

// probe finds the first line in the format that begins between two offsets of a segment. It reads no further, or every
// probe into a region without newlines would read all of it.
func (v *view) probe(s *segment, from, to int64) (int64, time.Time, bool, error) {
	off, err := lineStart(s.file, from, to, v.lines.buffer())
	if err != nil {
		return 0, time.Time{}, false, err
	}
	v.lines.reset(s.file, off, min(s.size, to+blockSize))
	for v.lines.off < to {
		at := v.lines.off
		line, ok, err := v.lines.next()
		if err != nil || !ok {
			return 0, time.Time{}, false, err
		}
		if r, ok := parse(line); ok {
			return at, r.time, true, nil
		}
	}
	return 0, time.Time{}, false, nil
}
