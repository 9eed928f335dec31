package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagger/stack/internal/state/logstore"
)

// cursor is how far a stream of logs has got in each service. As the id of an event it goes to the client and comes back
// as Last-Event-ID when that connects anew.
//
// Times within a log never go backwards but may be the same, so a place is a time and how many lines of that time there
// were.
type cursor map[string]place

type place struct {
	at   time.Time
	seen int
}

// String is e.g. "backend~1763967600000000000~1,redis~…".
func (c cursor) String() string {
	var parts []string
	for _, service := range slices.Sorted(maps.Keys(c)) {
		p := c[service]
		parts = append(parts, fmt.Sprintf("%s~%d~%d", service, p.at.UnixNano(), p.seen))
	}
	return strings.Join(parts, ",")
}

// cursorMax is longer than the id of any stack.
const cursorMax = 4 << 10

func parseCursor(text string) (cursor, error) {
	if len(text) > cursorMax {
		return nil, errors.New("too long")
	}
	c := cursor{}
	for part := range strings.SplitSeq(text, ",") {
		fields := strings.Split(part, "~")
		if len(fields) != 3 {
			return nil, fmt.Errorf("%q is not a place in a log", part)
		}
		at, err := strconv.ParseInt(fields[1], 10, 64)
		seen, seenErr := strconv.Atoi(fields[2])
		if err := errors.Join(err, seenErr); err != nil {
			return nil, err
		}
		c[fields[0]] = place{time.Unix(0, at), seen}
	}
	return c, nil
}

// pass moves behind an entry.
func (c cursor) pass(entry *logstore.Entry) {
	p := c[entry.Service]
	if !entry.Time.Equal(p.at) {
		p = place{at: entry.Time}
	}
	p.seen++
	c[entry.Service] = p
}

// from are the sources from the cursor on; passed then tells of each entry, once, whether it was passed before. A source
// that the cursor does not know is read from its beginning.
func (c cursor) from(sources []logstore.Source) (_ []logstore.Source, passed func(*logstore.Entry) bool) {
	begun := maps.Clone(c)
	for i := range sources {
		sources[i].Since = begun[sources[i].Service].at
	}
	return sources, func(entry *logstore.Entry) bool {
		p := begun[entry.Service]
		if p.seen == 0 || !entry.Time.Equal(p.at) {
			return false
		}
		p.seen--
		begun[entry.Service] = p
		return true
	}
}
