package logstore

import (
	"bytes"
	"time"
)

const (
	// joinMax bounds the text of an entry, and so the memory that a line without end takes. A longer line becomes
	// several entries, all but the last Partial.
	joinMax = 1 << 20
	// Two pieces that are more than joinReach and more than joinWait apart are not of one line. So there is an end to
	// how far a reader looks back for the beginning of one. Both, because a busy stream writes 1 MiB in the few
	// milliseconds in which the other does not come to run, and a slow one may stop within a line for long.
	joinReach = 1 << 20
	joinWait  = 2 * time.Second
	// joinLimit is where looking back ends in any case.
	joinLimit = 64 << 20
)

// joiner makes entries of lines, which it gets in the order of the log.
type joiner struct {
	// out gets the entries. Text is valid during the call alone. sure is false when an earlier beginning of the log
	// could have made another entry of the same lines.
	out func(e *Entry, sure bool)
	// start is where in the log the first line comes from. atStart: there is nothing before it.
	start   int64
	atStart bool

	open [2]openLine
	// Of the last line that was in the format; a line that is not counts as one of the same.
	time   time.Time
	stream Stream
	at     int64
	seen   bool
	first  time.Time // of the first such line

	entry Entry // what out gets: one for all, or each would be an allocation
}

// openLine is a line of which some pieces were seen.
type openLine struct {
	stream Stream
	text   []byte
	some   bool // text, which may be empty, was not given out yet
	shown  bool // an earlier part was
	short  bool // the last piece is not full: the writer waited for more before it wrote it
	known  bool // an end of a line was seen: what comes after begins at its beginning

	begin, at   int64 // of the first piece and the last
	begun, time time.Time
}

func (o *openLine) active() bool { return o.some || o.shown }

func newJoiner(start int64, atStart bool, out func(*Entry, bool)) joiner {
	return joiner{out: out, start: start, atStart: atStart, stream: Stdout,
		open: [2]openLine{{stream: Stdout}, {stream: Stderr}}}
}

func (j *joiner) line(s Stream) *openLine { return &j.open[streamIndex(s)] }

func streamIndex(s Stream) int {
	if s == Stderr {
		return 1
	}
	return 0
}

// add takes the line at a position of the log. cut: see lines.
func (j *joiner) add(at int64, line []byte, cut bool) {
	r, ok := parse(line)
	if !ok {
		if len(line) > 0 {
			j.give(Entry{Time: j.time, Stream: j.stream, Text: line, Partial: cut}, j.seen || j.atStart)
		}
		return
	}
	if !j.seen {
		j.first, j.seen = r.time, true
	}
	j.time, j.stream, j.at = r.time, r.stream, at

	o := j.line(r.stream)
	if o.active() && far(o.at, at, o.time, r.time) {
		j.show(o)
		o.shown = false
	}
	if o.some && len(o.text)+len(r.text) > joinMax {
		j.show(o)
	}
	if !o.active() {
		o.begin, o.begun = at, r.time
		// The writer closes a line before a note of its own, and the services' own lines hardly begin like one.
		o.known = o.known || bytes.HasPrefix(r.text, []byte(NotePrefix))
	}
	o.at, o.time = at, r.time
	if r.partial {
		o.text = append(o.text, r.text...)
		o.some, o.short = true, len(r.text) < maxText
		return
	}
	text := r.text
	if o.some {
		o.text = append(o.text, r.text...)
		text = o.text
	}
	if !o.shown || len(text) > 0 { // else all of the line was given out already
		j.give(Entry{Time: r.time, Stream: r.stream, Text: text, Partial: cut}, j.sure(o))
	}
	o.text, o.some, o.shown, o.known = o.text[:0], false, false, true
}

func (j *joiner) give(e Entry, sure bool) {
	j.entry = e
	j.out(&j.entry, sure)
}

// show gives out what there is of a line that goes on.
func (j *joiner) show(o *openLine) {
	if o.some {
		j.give(Entry{Time: o.time, Stream: o.stream, Text: o.text, Partial: true}, j.sure(o))
		o.text, o.some, o.shown = o.text[:0], false, true
	}
}

func (j *joiner) sure(o *openLine) bool {
	return j.atStart || o.known || far(j.start, o.begin, j.first, o.begun)
}

// settled: with an earlier beginning, no more would be known of the lines that go on.
func (j *joiner) settled() bool {
	for i := range j.open {
		o := &j.open[i]
		if o.active() && !j.sure(o) {
			return false
		}
		if !o.active() && !(j.atStart || o.known || far(j.start, j.at, j.first, j.time)) {
			return false
		}
	}
	return true
}

func far(at1, at2 int64, time1, time2 time.Time) bool {
	return at2-at1 > joinReach && time2.Sub(time1) > joinWait
}

// showAll gives out all lines that go on, in the order of the log.
func (j *joiner) showAll() {
	first, second := &j.open[0], &j.open[1]
	if second.at < first.at {
		first, second = second, first
	}
	j.show(first)
	j.show(second)
}
