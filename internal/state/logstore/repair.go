package logstore

import (
	"os"
	"time"
)

// openAppender opens the newest segment to go on with it, or begins the first.
//
// A writer that was killed in the middle of write(2) leaves a part of what it wrote: the kernel stops between pages
// when a fatal signal waits. After a power loss the file may end in NUL bytes (moby#29511). Both are behind the last
// newline, and so cut off; every record ends in one.
func openAppender(dir string, limit int64, kept int) (*appender, error) {
	seqs, err := listSegments(dir)
	if err != nil {
		return nil, err
	}
	a := &appender{dir: dir, limit: limit, kept: kept, seqs: seqs, open: createSegment}
	if len(seqs) == 0 {
		return a, a.rotate()
	}
	f, err := os.OpenFile(segmentPath(dir, seqs[len(seqs)-1]), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	a.file = f
	if a.size, err = cutTorn(f); err != nil {
		f.Close()
		return nil, err
	}
	for len(a.seqs) > a.kept && a.deleteOldest() {
	}
	return a, nil
}

// cutTorn cuts off what is behind the last newline, and returns the size that leaves.
func cutTorn(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size, err := lastLineEnd(f, info.Size(), make([]byte, blockSize))
	if err != nil || size == info.Size() {
		return size, err
	}
	return size, f.Truncate(size)
}

// survey finds how the log ends: the time of the last record, before which no other may be, and for each stream whether
// its last line goes on. The writer that began such a line is dead, so its end will not come.
func survey(dir string) (last time.Time, open [2]*capture, err error) {
	v, err := openView(dir)
	if v == nil || err != nil {
		return last, open, err
	}
	defer v.close()
	for window := int64(blockSize); ; window *= 4 {
		p, err := v.read(Query{Tail: -1}, v.end()-window, v.end(), false)
		if err != nil {
			return last, open, err
		}
		enough := p.join.seen && (p.join.settled() || window >= joinLimit)
		if !enough && !p.join.atStart {
			continue
		}
		for i := range open {
			if p.join.open[i].active() {
				open[i] = orphan
			}
		}
		return p.join.time, open, nil
	}
}
