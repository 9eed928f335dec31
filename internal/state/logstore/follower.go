package logstore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"
)

// follower reads one store as it grows. It holds the segment it is in open, so it reads that one to its end even when
// it is deleted meanwhile.
type follower struct {
	source Source
	query  Query
	join   joiner
	found  []Entry

	file *os.File // nil: there was no segment yet
	seq  uint64
	base int64 // position of the segment for the joiner, which goes on counting from segment to segment
	// read gives the lines of the segment; its block is most of the memory that a follower needs.
	read lines

	lastLine time.Time // when the last line came, on the clock of this process
}

// newFollower also returns what Tail does, but for lines that go on.
func newFollower(s Source, q Query) (*follower, []Entry, error) {
	q = s.query(q)
	f := &follower{source: s, query: q, lastLine: time.Now()}
	f.join = newJoiner(0, true, f.add)
	v, err := openView(s.Dir)
	if v == nil || err != nil {
		return f, nil, err
	}
	first := q
	first.Until = time.Time{} // it is in the future, and the position behind the last line is needed
	p, err := v.collect(first, false)
	if err != nil {
		v.close()
		return f, nil, err
	}
	newest := v.segs[0]
	f.file, f.seq = newest.file, newest.seq
	f.join, f.join.out = p.join, f.add
	// It goes on behind the last line, and closes what it took itself.
	f.read, v.lines = v.lines, lines{}
	v.segs = v.segs[1:]
	v.close()
	return f, named(p.found.entries(), s.Service), nil
}

func (f *follower) close() {
	f.read.free()
	if f.file != nil {
		f.file.Close()
	}
}

func (f *follower) add(e *Entry, _ bool) {
	if f.query.match(e) {
		f.append(e)
	}
}

func (f *follower) append(e *Entry) {
	c := *e
	c.Service, c.Text = f.source.Service, bytes.Clone(e.Text)
	f.found = append(f.found, c)
}

// note is an entry of the follower's own.
func (f *follower) note(format string, args ...any) {
	text := NotePrefix + fmt.Sprintf(format, args...)
	f.append(&Entry{Time: f.join.time, Stream: Stderr, Text: []byte(text)})
}

// take returns what step found.
func (f *follower) take() []Entry {
	es := f.found
	f.found = nil
	return es
}

// step reads on, a block at most, and tells whether there may be more at once.
func (f *follower) step() (bool, error) {
	if f.file == nil {
		return f.begin()
	}
	if some, err := f.readLines(); some || err != nil {
		return some, err
	}
	next, err := f.successor()
	if next == nil || err != nil {
		f.showWaiting()
		return false, err
	}
	// The writer never writes to a segment again once there is a next one, but it may have between the look at this
	// one and the look for the next.
	if some, err := f.readLines(); some || err != nil {
		next.file.Close()
		return some, err
	}
	f.move(next)
	return true, nil
}

// readLines gives complete lines to the joiner and tells whether there were any.
func (f *follower) readLines() (bool, error) {
	info, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if err := f.read.again(info.Size()); err != nil {
		return false, err
	}
	from := f.read.off
	for f.read.off-from < blockSize {
		at := f.base + f.read.off
		line, ok, err := f.read.next()
		if err != nil {
			return false, err
		}
		if !ok {
			break
		}
		f.join.add(at, line, f.read.cut)
	}
	if f.read.off == from {
		return false, nil
	}
	f.lastLine = time.Now()
	return true, nil
}

// showWaiting gives out lines that go on, when nothing more is there to read.
func (f *follower) showWaiting() {
	late := time.Since(f.lastLine) > lineTimeout
	for i := range f.join.open {
		if o := &f.join.open[i]; o.some && (o.short || late) {
			f.join.show(o)
		}
	}
}

// following is a segment to go on with.
type following struct {
	file    *os.File
	seq     uint64
	skipped uint64 // segments that were deleted in between
}

// begin waits for the first segment.
func (f *follower) begin() (bool, error) {
	next, err := f.lowest(true)
	if next == nil || err != nil {
		return false, err
	}
	f.move(next)
	return true, nil
}

// successor finds the segment after the current one, nil if there is none yet.
func (f *follower) successor() (*following, error) {
	file, err := os.Open(segmentPath(f.source.Dir, f.seq+1))
	if err == nil {
		return &following{file: file, seq: f.seq + 1}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	mine, err := f.file.Stat()
	if err != nil {
		return nil, err
	}
	there, err := os.Stat(segmentPath(f.source.Dir, f.seq))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && os.SameFile(mine, there) {
		return nil, nil
	}
	// It was deleted. A file of its name is of another store: the folder was emptied, and numbers begin anew.
	return f.lowest(err == nil)
}

// lowest finds the first segment to go on with: the first after the current one, or the first of all when there are
// only lower ones, or when the store began anew.
func (f *follower) lowest(anew bool) (*following, error) {
	seqs, err := listSegments(f.source.Dir)
	if err != nil || len(seqs) == 0 {
		return nil, err
	}
	i, last := 0, f.seq
	if anew || seqs[len(seqs)-1] <= f.seq {
		last = 0
	} else {
		i, _ = slices.BinarySearch(seqs, f.seq+1)
	}
	file, err := os.Open(segmentPath(f.source.Dir, seqs[i]))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // deleted since; the next look finds another
	}
	if err != nil {
		return nil, err
	}
	return &following{file: file, seq: seqs[i], skipped: seqs[i] - last - 1}, nil
}

// move goes on with another segment.
func (f *follower) move(next *following) {
	if f.file != nil {
		// The segment does not change any more: what is at its end is a line, newline or not.
		rest := f.read.rest()
		f.join.add(f.base+f.read.off, rest, false)
		f.base += f.read.off + int64(len(rest))
		f.file.Close()
	}
	if next.skipped > 0 {
		f.join.showAll()
		for i := range f.join.open {
			f.join.open[i].shown = false
		}
		f.note("lines skipped: %d segments of the log were deleted before they were read", next.skipped)
	}
	f.file, f.seq = next.file, next.seq
	f.read.reset(next.file, 0, 0)
}
