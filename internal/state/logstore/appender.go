package logstore

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// appender puts records behind each other in segments. It knows nothing of what is in them but that each ends in the
// only newline it has.
type appender struct {
	dir   string
	limit int64
	kept  int

	seqs []uint64 // the segments there are, the oldest first; the last is written
	file segmentFile
	size int64 // of whole records
	torn bool  // there is half a record behind them
	open func(path string) (segmentFile, error)
}

// segmentFile is an *os.File that appends; tests put a broken one in its place.
type segmentFile interface {
	Write(b []byte) (int, error)
	Truncate(size int64) error
	Close() error
}

func createSegment(path string) (segmentFile, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
}

// append writes whole records and returns how many bytes of them are in the log. The rest could not be written, for the
// reason returned, and has left no trace.
func (a *appender) append(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := a.fit(b[done:])
		if err == nil {
			n, err = a.write(b[done : done+n])
			done += n
		}
		if err != nil && !a.makeRoom(err) {
			return done, err
		}
	}
	return done, nil
}

// fit returns how much of some records the active segment takes, and begins the next one when it takes none.
func (a *appender) fit(b []byte) (int, error) {
	if a.torn && a.file.Truncate(a.size) == nil {
		a.torn = false
	}
	if !a.torn {
		room := a.limit - a.size
		if int64(len(b)) <= room {
			return len(b), nil
		}
		if n := bytes.LastIndexByte(b[:max(0, room)], '\n') + 1; n > 0 {
			return n, nil
		}
		if a.size == 0 {
			return bytes.IndexByte(b, '\n') + 1, nil
		}
	}
	if err := a.rotate(); err != nil {
		return 0, err
	}
	return a.fit(b)
}

// write writes to the active segment. Of what is only half written it leaves the whole records.
func (a *appender) write(b []byte) (int, error) {
	n, err := a.file.Write(b)
	if err == nil {
		a.size += int64(n)
		return n, nil
	}
	whole := bytes.LastIndexByte(b[:n], '\n') + 1
	a.size += int64(whole)
	if whole < n {
		a.torn = a.file.Truncate(a.size) != nil
	}
	return whole, err
}

// rotate begins a new segment and deletes those that are too many. In this order: a reader that sees no next segment
// may rely on the one it reads still being written.
func (a *appender) rotate() error {
	next := uint64(1)
	if len(a.seqs) > 0 {
		next = a.seqs[len(a.seqs)-1] + 1
	}
	file, err := a.open(segmentPath(a.dir, next))
	if err != nil {
		return err
	}
	if a.file != nil {
		a.file.Close()
	}
	a.seqs = append(a.seqs, next)
	a.file, a.size, a.torn = file, 0, false
	for len(a.seqs) > a.kept && a.deleteOldest() {
	}
	return nil
}

func (a *appender) deleteOldest() bool {
	err := os.Remove(segmentPath(a.dir, a.seqs[0]))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false // the next rotation tries again
	}
	a.seqs = a.seqs[1:]
	return true
}

// makeRoom gives up the oldest lines for the newest when the disk is full. It is false when that does not help.
func (a *appender) makeRoom(err error) bool {
	return NoRoom(err) && len(a.seqs) > 1 && a.deleteOldest()
}

// NoRoom says whether an error is that of a full disk, or of a quota that is used up.
func NoRoom(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
