package logstore

import (
	"bytes"
	"io"
	"sync"
)

// blockSize is how much a reader reads at a time. It holds several of the longest lines the writer makes.
const blockSize = 64 << 10

// lines goes through the lines of one segment, forwards.
//
// What comes after the last newline is not complete and is read again every time, not kept: the writer may cut half a
// line off and write another in its place (full disk, repair after kill -9).
type lines struct {
	file     io.ReaderAt
	off, end int64 // of the next line; of what is to be read
	block    []byte
	from, to int // block[from:to] is what was read and not returned yet; it begins at off

	// cut is true when the line returned last is the beginning of one that does not fit into a block. The writer
	// writes no such line: it is corrupt, and the rest of it is skipped.
	cut   bool
	skip  bool
	begin int64 // behind the last newline: where the line begins that off is in
	// head is what the file had there when a part of the line was passed over, to know the line again.
	head []byte
}

// reset begins at off, which is the beginning of a line, and goes as far as end.
func (l *lines) reset(file io.ReaderAt, off, end int64) {
	*l = lines{file: file, off: off, end: end, begin: off, block: l.buffer(), head: l.head[:0]}
}

// again goes on where it ended, after the file may have grown to end, or may have been cut and written to again.
func (l *lines) again(end int64) error {
	l.end, l.from, l.to = end, 0, 0
	if end < l.begin {
		// A repair cuts off nothing that was complete. Somebody else did, with truncate -s0 (moby#45728): begin again
		// with what is there.
		l.off, l.begin, l.skip = 0, 0, false
	}
	if l.off == l.begin {
		return nil
	}
	now := make([]byte, len(l.head))
	if _, err := l.file.ReadAt(now, l.begin); err != nil && err != io.EOF {
		return err
	}
	if l.off > end || !bytes.Equal(now, l.head) {
		l.off, l.skip = l.begin, false
	}
	return nil
}

// pass goes on within a line.
func (l *lines) pass(n int) {
	if l.off == l.begin {
		l.head = append(l.head[:0], l.block[l.from:min(l.to, l.from+headerLen)]...)
	}
	l.advance(n)
}

// blocks are used again: otherwise a tail would spend most of its time on getting memory.
var blocks = sync.Pool{New: func() any { return new([blockSize]byte) }}

func (l *lines) buffer() []byte {
	if l.block == nil {
		l.block = blocks.Get().(*[blockSize]byte)[:]
	}
	return l.block
}

// free gives the block back. No line may be used any more.
func (l *lines) free() {
	if l.block != nil {
		blocks.Put((*[blockSize]byte)(l.block))
		l.block = nil
	}
}

// next returns a line without its newline, valid until the next call; false at the end and when reading fails.
//
// NUL bytes at its beginning are left out: after a power loss a region of the file may be nothing else, with a good line
// right behind it.
func (l *lines) next() ([]byte, bool, error) {
	for {
		if !l.skip {
			l.skipNULs()
		}
		rest := l.block[l.from:l.to]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			l.advance(i + 1)
			l.begin = l.off
			if l.skip {
				l.skip = false
				continue
			}
			l.cut = false
			return rest[:i], true, nil
		}
		if l.skip || len(rest) == len(l.block) {
			l.pass(len(rest))
			if !l.skip {
				l.skip, l.cut = true, true
				return rest, true, nil
			}
			rest = nil
		}
		n, err := l.read()
		if err != nil || n == len(rest) {
			return nil, false, err
		}
	}
}

func (l *lines) skipNULs() {
	rest := l.block[l.from:l.to]
	n := 0
	for len(rest)-n >= len(zeros) && bytes.Equal(rest[n:n+len(zeros)], zeros[:]) {
		n += len(zeros)
	}
	for n < len(rest) && rest[n] == 0 {
		n++
	}
	if n > 0 {
		l.pass(n)
	}
}

var zeros [512]byte

func (l *lines) advance(n int) {
	l.from += n
	l.off += int64(n)
}

// read fills the block from off and returns how much that gave.
func (l *lines) read() (int, error) {
	want := min(int64(len(l.block)), max(0, l.end-l.off))
	n, err := l.file.ReadAt(l.block[:want], l.off)
	l.from, l.to = 0, n
	if err == io.EOF {
		err = nil // shorter than it was: the same as if it ended here
	}
	return n, err
}

// rest is what stands after the last newline.
func (l *lines) rest() []byte { return l.block[l.from:l.to] }

// lineStart is the first offset from off on where a line begins, size if there is none.
func lineStart(file io.ReaderAt, off, size int64, block []byte) (int64, error) {
	if off <= 0 {
		return 0, nil
	}
	for off--; off < size; {
		n, err := file.ReadAt(block[:min(int64(len(block)), size-off)], off)
		if i := bytes.IndexByte(block[:n], '\n'); i >= 0 {
			return off + int64(i) + 1, nil
		}
		off += int64(n)
		if err == io.EOF || n == 0 {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	return size, nil
}

// lastLineEnd is the offset behind the last newline before size, 0 if there is none.
func lastLineEnd(file io.ReaderAt, size int64, block []byte) (int64, error) {
	for size > 0 {
		from := max(0, size-int64(len(block)))
		n, err := file.ReadAt(block[:size-from], from)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.LastIndexByte(block[:n], '\n'); i >= 0 {
			return from + int64(i) + 1, nil
		}
		size = from
	}
	return 0, nil
}
