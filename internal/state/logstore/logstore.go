// Package logstore keeps what a service prints, on a volume that outlives the service and is read by other processes.
//
// One process writes (Writer: the agent that runs the service), any number read (Tail, Follow), and nothing but the
// files is between them: no lock, no message, no index. A store is a folder of segments, 0000000001.log and so on; the
// highest number is written, the others never change again, and the oldest is deleted when there are too many. Each
// line is in the format of the Container Runtime Interface, as kubelet and containerd write it, so that other tools
// can read a segment:
//
//	2006-01-02T15:04:05.000000000Z stdout F the text, byte for byte
//
// # What holds
//
//   - A complete line that was read from the service is handed to the kernel before more is read, so kill -9 of the
//     writer loses no line but those of the one chunk it was working on. Nothing is synced: after a power loss the end
//     of the log may be missing or be NUL bytes, which Open cuts off and readers skip. (Docker's json-file does not sync
//     either, and its reader stops at such bytes: moby#53631.)
//   - Times never go backwards within a store.
//   - A reader sees whole lines only, each once and in order, whatever happens to the writer. One that is so slow that
//     segments are deleted before it came to them is told so by an entry of its own.
//   - A reader never slows the writer.
//   - The memory that a reader needs is bounded by what it returns, for any content of the files.
package logstore

import (
	"regexp"
	"time"
)

// Stream is the output a text came from.
type Stream string

// A service has two outputs. The agent's own messages are on Stderr and begin with NotePrefix.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// NotePrefix begins every line that the agent or this package says itself.
const NotePrefix = "[stack] "

// Entry is one line of a service, put together from its pieces.
type Entry struct {
	// Time is when the end of the text was captured. Entries are in order of time, as lines are in the files.
	Time    time.Time
	Service string // set by TailAll and FollowAll
	Stream  Stream
	Text    []byte // without the newline; may hold any other byte
	// Partial: the line goes on. Its rest is not written yet (a prompt), is the next entry of this stream (a line of
	// more than 1 MiB, or one whose rest came while it was followed), or is lost (its writer was killed).
	Partial bool
}

// Query says which entries are wanted. Its zero value is all of them.
type Query struct {
	Tail         int            // the last so many of those that match; 0: all; negative: none, for a Follow of new ones alone
	Poll         time.Duration  // how often a Follow looks for new entries; 0: so that a user sees no delay
	Since, Until time.Time      // inclusive; zero: no bound
	Stream       Stream         // empty: both
	Grep         *regexp.Regexp // nil: any text
}

// match tells whether an entry is wanted, apart from Tail.
func (q *Query) match(e *Entry) bool {
	return q.covers(e) && (q.Grep == nil || q.Grep.Match(e.Text))
}

// covers is match without the text.
func (q *Query) covers(e *Entry) bool {
	return (q.Stream == "" || q.Stream == e.Stream) &&
		(q.Since.IsZero() || !e.Time.Before(q.Since)) &&
		(q.Until.IsZero() || !e.Time.After(q.Until))
}

// Source is the store of one service, for the functions that read several.
type Source struct {
	Service string
	Dir     string
	Since   time.Time // later than the query's: it counts for this source
}

// query is what is wanted of the source.
func (s Source) query(q Query) Query {
	if s.Since.After(q.Since) {
		q.Since = s.Since
	}
	return q
}
