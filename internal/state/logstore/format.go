package logstore

import "time"

// The record, as kubelet and containerd have it (containerd internal/cri/io/logger.go: time, stream, tag, text, each
// after a blank, maximum 16 KiB of text). Ours is stricter: every field before the text has a fixed width.
const (
	timeLayout = "2006-01-02T15:04:05.000000000Z"
	headerLen  = len(timeLayout) + len(" stdout F ")
	tagAt      = headerLen - 2

	tagFull    = 'F' // the text ends its line
	tagPartial = 'P' // the next record of the stream goes on with the line

	// maxText is the longest text of a record. Docker cuts lines at the same size (moby daemon/logger/copier.go).
	maxText = 16 << 10
)

// record is one physical line of a segment.
type record struct {
	time    time.Time
	stream  Stream
	partial bool
	text    []byte
}

// appendHeader appends everything that comes before a text.
func appendHeader(b []byte, t time.Time, s Stream, tag byte) []byte {
	b = t.UTC().AppendFormat(b, timeLayout)
	b = append(b, ' ')
	b = append(b, s...)
	return append(b, ' ', tag, ' ')
}

// appendRecord appends one record.
func appendRecord(b []byte, t time.Time, s Stream, tag byte, text []byte) []byte {
	b = append(appendHeader(b, t, s, tag), text...)
	return append(b, '\n')
}

// parse reads a line without its newline. The text is a part of the line, not a copy. It is false for anything that
// appendRecord does not write: half a header is better shown as it is than guessed at.
func parse(line []byte) (record, bool) {
	if len(line) < headerLen || line[30] != ' ' || line[37] != ' ' || line[39] != ' ' {
		return record{}, false
	}
	r := record{text: line[headerLen:]}
	switch string(line[31:37]) {
	case string(Stdout):
		r.stream = Stdout
	case string(Stderr):
		r.stream = Stderr
	default:
		return record{}, false
	}
	switch line[tagAt] {
	case tagFull:
	case tagPartial:
		r.partial = true
	default:
		return record{}, false
	}
	var ok bool
	r.time, ok = parseTime(line[:30])
	return r, ok
}

// parseTime is time.Parse for timeLayout alone: it is called for every line that a reader looks at, and this is ten
// times as fast.
func parseTime(b []byte) (time.Time, bool) {
	if b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[29] != 'Z' {
		return time.Time{}, false
	}
	ok := true
	number := func(from, to int) (n int) {
		for _, c := range b[from:to] {
			ok = ok && '0' <= c && c <= '9'
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	hour, minute, second, nano := number(11, 13), number(14, 16), number(17, 19), number(20, 29)
	if !ok || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC)
	return t, t.Day() == day // time.Date makes March of 30 February
}
